using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol.Sessions;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Local;

/// <summary>The provider <c>edgecoder-local</c>: GGUF files of this machine, each in a worker process of this same program.</summary>
/// <param name="store">Models that were pulled or added.</param>
/// <param name="shipped">Models that came with the program.</param>
/// <param name="options">How workers are started.</param>
/// <param name="time">The clock.</param>
public sealed class EdgeCoderLocalProvider(ModelStore store, IReadOnlyList<LocalModel> shipped, LlamaWorkerOptions options, TimeProvider time) : IModelProvider
{
    private static readonly TimeSpan HealthAge = TimeSpan.FromSeconds(5);

    private readonly OpenWorkers _workers = new();
    private readonly Lock _gate = new();
    private (long At, ProviderHealth Health)? _health;
    private string? _lastFailure;

    /// <inheritdoc/>
    public string Kind => ProviderKinds.Local;

    /// <inheritdoc/>
    public Task<ProviderHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_health is not { } known || time.GetElapsedTime(known.At) > HealthAge)
            {
                _health = known = (time.GetTimestamp(), Probe());
            }

            return Task.FromResult(known.Health);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<InstalledModel>> ListAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<InstalledModel>>([.. All().Select(model => new InstalledModel
        {
            ModelId = model.ModelId,
            Provider = Kind,
            ParamSize = model.ParamSize,
            Quantization = model.Quantization,
            Digest = model.Digest.ToString(),
            SizeBytes = model.SizeBytes,
        })]);
    }

    /// <inheritdoc/>
    public async Task<OpenedModel> OpenAsync(string modelId, CancellationToken cancellationToken)
    {
        try
        {
            var opened = await OpenKnownAsync(Find(modelId), cancellationToken).ConfigureAwait(false);
            Remember(failure: null);
            return opened;
        }
        catch (ModelException error) when (error.Code is not "model_not_found")
        {
            Remember($"opening {modelId} failed last time: {error.Message}");
            throw;
        }
    }

    private async Task<OpenedModel> OpenKnownAsync(LocalModel model, CancellationToken cancellationToken)
    {
        LlamaLibrary.RequirePresent();
        var key = model.Digest.ToString();
        var worker = _workers.Take(key, () => new(model.Path, model.Digest.Hex, options, time));
        try
        {
            var loaded = await worker.OpenAsync(progress: null, cancellationToken).ConfigureAwait(false);
            return new(() => _workers.ReturnAsync(key))
            {
                Client = Client(worker, model),
                Identity = Identity(model, loaded),
                Reach = ModelReach.ThisMachine,
                Window = loaded.ContextSize,
                CountTokens = async (text, token) => await worker.CountAsync(text, token).ConfigureAwait(false),
                CountsExactly = true,
                ObeysJsonSchema = !model.IsDemonstration,
                CompleteText = model.IsDemonstration ? null : new LlamaChatClient(worker, model.ModelId, time).CompleteAsync,
                IsDemonstration = model.IsDemonstration,
            };
        }
        catch (Exception error)
        {
            await _workers.ReturnAsync(key).ConfigureAwait(false);
            if (error is ModelException { Code: "checksum_mismatch" } && store.Find(model.ModelId) is { } stored)
            {
                // Takes the changed file out of the store, and says so.
                await store.VerifyAsync(stored, cancellationToken).ConfigureAwait(false);
            }

            throw;
        }
    }

    private IChatClient Client(LlamaWorkerClient worker, LocalModel model)
    {
        var client = new LlamaChatClient(worker, model.ModelId, time);
        return model.IsDemonstration ? new DemonstrationChatClient(client) : client;
    }

    private ModelIdentity Identity(LocalModel model, LoadedReply loaded) => new()
    {
        Id = model.ModelId,
        Provider = Kind,
        Digest = model.Digest.ToString(),
        Quantization = model.Quantization,
        ProvenContext = loaded.ContextSize,
    };

    private LocalModel Find(string modelId) =>
        store.Find(modelId) is { } stored ? FromStore(stored)
        : shipped.FirstOrDefault(model => model.ModelId == modelId) is { } local ? local
        : throw ModelNames.NotFound(modelId, All().Select(model => model.ModelId));

    private IEnumerable<LocalModel> All() => store.List().Select(FromStore).Concat(shipped);

    private static LocalModel FromStore(StoredModel model) => new()
    {
        ModelId = model.ModelId,
        Path = model.Path,
        Digest = model.Digest,
        ParamSize = model.ParamSize,
        Quantization = model.Quantization,
        SizeBytes = model.SizeBytes,
    };

    private void Remember(string? failure)
    {
        lock (_gate)
        {
            _lastFailure = failure;
            _health = null;
        }
    }

    /// <summary>Looks for real: the libraries are there, the store can be read, the files are there, the last opening did not fail.</summary>
    private ProviderHealth Probe()
    {
        try
        {
            LlamaLibrary.RequirePresent();
            var models = All().ToList();
            return models.FirstOrDefault(model => !File.Exists(model.Path)) is { } missing ? new(false, $"the file of {missing.ModelId} is gone")
                : _lastFailure is not null ? new(false, _lastFailure)
                : models.Count == 0 ? new(false, "there is no model; edgecoder models pull qwen2.5-coder:1.5b gets one")
                : new(true, models.Count == 1 ? "one model" : $"{models.Count} models");
        }
        catch (ModelException error)
        {
            return new(false, error.Message);
        }
    }
}

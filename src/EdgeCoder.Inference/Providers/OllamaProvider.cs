using EdgeCoder.Protocol.Tokens;
using System.Net.Http.Json;
using EdgeCoder.Inference.Embeddings;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Inference.Preflight;
using OllamaSharp;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// Models of an Ollama server. Its API: <c>docs/api.md</c> of ollama/ollama. A model that the server only passes on to another host counts
/// as that host: it is not listed or opened where work must stay on this machine.
/// </summary>
public sealed class OllamaProvider : IEmbeddingProvider, IDisposable
{
    private readonly OllamaSettings _settings;
    private readonly ModelReach _reachAllowed;
    private readonly HttpClient _http;
    private readonly HealthCache _health;

    /// <summary>A provider for this server. Nothing is asked yet.</summary>
    public OllamaProvider(OllamaSettings settings, ModelReach reachAllowed, TimeProvider? time = null)
    {
        _settings = settings;
        _reachAllowed = reachAllowed;
        _http = ModelServerHttp.Create(settings.Address);
        _health = new(time ?? TimeProvider.System, ProbeAsync);
    }

    /// <inheritdoc/>
    public string Kind => ProviderKinds.Ollama;

    /// <summary>Address of the server.</summary>
    public ServerAddress Address => _settings.Address;

    /// <summary>Where the server stands.</summary>
    public ModelReach Reach => Address.IsLoopback ? ModelReach.ThisMachine : _settings.Reach;

    /// <inheritdoc/>
    public Task<ProviderHealth> CheckHealthAsync(CancellationToken cancellationToken) => _health.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<InstalledModel>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await TagsAsync(cancellationToken).ConfigureAwait(false)).Where(IsReachable).Select(Describe)];

    /// <inheritdoc/>
    public async Task<OpenedModel> OpenAsync(string modelId, CancellationToken cancellationToken)
    {
        var tags = await TagsAsync(cancellationToken).ConfigureAwait(false);
        var tag = tags.FirstOrDefault(tag => ModelNames.Matches(tag.Name, modelId))
            ?? throw ModelNames.NotFound(modelId, tags.Where(IsReachable).Select(tag => tag.Name));
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/show") { Content = JsonContent.Create(new OllamaModelName(tag.Name), ProviderJson.Default.OllamaModelName) };
        var show = await JsonCalls.SendAsync(_http, request, ProviderJson.Default.OllamaShow, cancellationToken).ConfigureAwait(false);
        var remote = tag.IsRemote || OllamaRemote.Is(tag.Name, show.RemoteHost, show.RemoteModel);
        if (remote && _reachAllowed != ModelReach.External)
        {
            throw new ModelException(
                "reach_not_allowed",
                $"{tag.Name} is not a model of this machine: Ollama passes it on to {show.RemoteHost ?? tag.RemoteHost ?? "its cloud"}. The work must not leave this machine.",
                "Choose a model that runs here: edgecoder models list");
        }

        if (show.Capabilities is { Count: > 0 } abilities && !abilities.Contains("completion"))
        {
            throw new ModelException("model_not_usable", $"{tag.Name} cannot write text; it can {string.Join(", ", abilities)}.", "edgecoder models list");
        }

        var window = Math.Min(_settings.ContextWindow ?? OllamaSettings.DefaultContextWindow, show.ContextLength ?? int.MaxValue);
        var version = await JsonCalls.GetAsync(_http, "api/version", ProviderJson.Default.OllamaVersion, cancellationToken).ConfigureAwait(false);
        var digest = ProviderDigest.Of(tag.Digest);
        return new(() => ValueTask.CompletedTask)
        {
            Client = OllamaChatClient.Create(_http, tag.Name, window),
            Identity = new() { Id = tag.Name, Provider = Kind, Digest = digest, Quantization = tag.Details?.QuantizationLevel },
            Reach = remote ? ModelReach.External : Reach,
            Window = window,
            CountTokens = (text, _) => ValueTask.FromResult(TokenEstimate.Cautious.CountAtMost(text)),
            CountsExactly = false,
            CallsTools = show.Capabilities?.Contains("tools") ?? true,
            ObeysJsonSchema = true,
            CompleteText = OllamaCompletion.Create(_http, tag.Name, window, show.Capabilities?.Contains("insert") ?? false),
            Thinks = show.Capabilities?.Contains("thinking") ?? false,
            Preflight = new(digest == ProviderDigest.Unpinned ? $"{Address} {tag.Name}" : digest, $"ollama {version.Version}", $"num_ctx={window}"),
        };
    }

    /// <inheritdoc/>
    public async Task<EmbeddingAnswer> EmbedAsync(string modelId, EmbeddingRequest request, CancellationToken cancellationToken)
    {
        // A model that the server only passes on is not listed, so that it is not found here where it must not be used.
        var models = await ListAsync(cancellationToken).ConfigureAwait(false);
        var model = models.FirstOrDefault(model => ModelNames.Matches(model.ModelId, modelId)) ?? throw ModelNames.NotFound(modelId, models.Select(model => model.ModelId));
        return await ServerEmbeddings.OfOllamaAsync(_http, model.ModelId, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pulls a model through the server. Throws <c>pull_failed</c> with the server's reason, or <c>stream_interrupted</c>.</summary>
    public Task PullAsync(string modelId, IProgress<Catalogue.TransferProgress>? progress, CancellationToken cancellationToken) =>
        OllamaPull.RunAsync(_http, modelId, progress, cancellationToken);

    /// <summary>Deletes a model on the server.</summary>
    public async Task RemoveAsync(string modelId, CancellationToken cancellationToken)
    {
        var tags = await TagsAsync(cancellationToken).ConfigureAwait(false);
        var tag = tags.FirstOrDefault(tag => ModelNames.Matches(tag.Name, modelId)) ?? throw ModelNames.NotFound(modelId, tags.Select(tag => tag.Name));
        using var request = new HttpRequestMessage(HttpMethod.Delete, "api/delete") { Content = JsonContent.Create(new OllamaModelName(tag.Name), ProviderJson.Default.OllamaModelName) };
        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>A call of a model failed for a reason that lies with the server.</summary>
    internal void CallFailed(string reason) => _health.Failed(reason);

    private bool IsReachable(OllamaTag tag) => !tag.IsRemote || _reachAllowed == ModelReach.External;

    private async Task<ProviderHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        var models = await ListAsync(cancellationToken).ConfigureAwait(false);
        return models.Count == 0
            ? new(Ok: false, $"Ollama answers at {Address} and has no model. Get one: ollama pull qwen2.5-coder:1.5b")
            : new(Ok: true, $"Ollama answers at {Address} with {models.Count} {(models.Count == 1 ? "model" : "models")}.");
    }

    private async Task<IReadOnlyList<OllamaTag>> TagsAsync(CancellationToken cancellationToken) =>
        (await JsonCalls.GetAsync(_http, "api/tags", ProviderJson.Default.OllamaTags, cancellationToken).ConfigureAwait(false)).Models ?? [];

    private InstalledModel Describe(OllamaTag tag) => new()
    {
        ModelId = tag.Name,
        Provider = Kind,
        Digest = ProviderDigest.Of(tag.Digest),
        ParamSize = tag.Details?.ParameterSize,
        Quantization = tag.Details?.QuantizationLevel,
        SizeBytes = tag.Size,
        Reach = tag.IsRemote ? ModelReach.External : Reach,
    };
}

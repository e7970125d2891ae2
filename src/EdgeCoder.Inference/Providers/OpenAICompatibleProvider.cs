using EdgeCoder.Protocol.Tokens;
using System.ClientModel;
using System.ClientModel.Primitives;
using EdgeCoder.Inference.Embeddings;
using EdgeCoder.Inference.Preflight;
using Microsoft.Extensions.AI;
using OpenAI;

namespace EdgeCoder.Inference.Providers;

/// <summary>Models of a server that speaks the OpenAI API below its base address: llama-server, LM Studio, vLLM, a gateway.</summary>
public sealed class OpenAICompatibleProvider : IEmbeddingProvider, IDisposable
{
    private readonly OpenAIServerSettings _settings;
    private readonly HttpClient _http;
    private readonly HealthCache _health;

    /// <summary>A provider for this server. Nothing is asked yet.</summary>
    public OpenAICompatibleProvider(OpenAIServerSettings settings, TimeProvider? time = null)
    {
        _settings = settings;
        _http = ModelServerHttp.Create(settings.Address);
        _health = new(time ?? TimeProvider.System, ProbeAsync);
    }

    // The library wants a key; servers of this machine ignore it.
    private string Key => field ??= _settings.ReadKey() ?? "none";

    /// <inheritdoc/>
    public string Kind => $"{ProviderKinds.OpenAICompatible}/{_settings.Name}";

    /// <summary>Where the server stands, as the operator labelled it.</summary>
    public ModelReach Reach => _settings.Reach;

    /// <inheritdoc/>
    public Task<ProviderHealth> CheckHealthAsync(CancellationToken cancellationToken) => _health.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<InstalledModel>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "models");
        request.Headers.Authorization = new("Bearer", Key);
        var models = await JsonCalls.SendAsync(_http, request, ProviderJson.Default.OpenAIModels, cancellationToken).ConfigureAwait(false);
        return [.. (models.Data ?? []).Select(model => new InstalledModel
        {
            ModelId = model.Id, Provider = Kind, Digest = ProviderDigest.Unpinned, Reach = Reach, StatedContext = _settings.ContextWindow, PreflightKey = PreflightKey(model.Id),
        })];
    }

    /// <inheritdoc/>
    public async Task<OpenedModel> OpenAsync(string modelId, CancellationToken cancellationToken)
    {
        var models = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (models.All(model => model.ModelId != modelId))
        {
            throw ModelNames.NotFound(modelId, models.Select(model => model.ModelId));
        }

        var client = new OpenAIClient(new ApiKeyCredential(Key), new OpenAIClientOptions
        {
            Endpoint = _settings.Address.Uri,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // The loop decides about a second try; a hidden one would double cost and time.
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        });
        return new(() => ValueTask.CompletedTask)
        {
            Client = client.GetChatClient(modelId).AsIChatClient(),
            Identity = new() { Id = modelId, Provider = ProviderKinds.OpenAICompatible, Digest = ProviderDigest.Unpinned, ProvenContext = _settings.ContextWindow },
            Reach = Reach,
            Window = _settings.ContextWindow ?? OpenAIServerSettings.LargestUnstatedWindow,
            CountTokens = (text, _) => ValueTask.FromResult(TokenEstimate.Cautious.CountAtMost(text)),
            CountsExactly = false,
            CallsTools = true,
            Preflight = _settings.ContextWindow is null ? new(PreflightKey(modelId), "openai-compatible", $"server={_settings.Name}") : null,
        };
    }

    /// <inheritdoc/>
    public Task<EmbeddingAnswer> EmbedAsync(string modelId, EmbeddingRequest request, CancellationToken cancellationToken) =>
        ServerEmbeddings.OfOpenAIAsync(_http, Key, modelId, request, cancellationToken);

    /// <summary>Options that the library writes into the request; the others it leaves out.</summary>
    internal const ChatOptionKinds Options = ChatOptionKinds.ToolMode | ChatOptionKinds.ParallelTools | ChatOptionKinds.Reasoning;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>A call of a model failed for a reason that lies with the server.</summary>
    internal void CallFailed(string reason) => _health.Failed(reason);

    private string PreflightKey(string modelId) => $"{_settings.Address} {modelId}";

    private async Task<ProviderHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        var models = await ListAsync(cancellationToken).ConfigureAwait(false);
        return models.Count == 0
            ? new(Ok: false, $"{_settings.Name} answers at {_settings.Address} and has no model.")
            : new(Ok: true, $"{_settings.Name} answers at {_settings.Address} with {models.Count} {(models.Count == 1 ? "model" : "models")}.");
    }
}

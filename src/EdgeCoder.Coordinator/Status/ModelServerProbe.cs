using System.Text.Json;
using EdgeCoder.Coordinator.Agents;

namespace EdgeCoder.Coordinator.Status;

/// <summary>Whether the model server that is expected answers. Asked at most every 15 s, because anyone may look at the health.</summary>
internal sealed class ModelServerProbe(HttpClient http, AgentOptions options, TimeProvider time)
{
    private const long FreshMs = 15_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _asking = new(1);
    private (long AtMs, ModelServerHealth Health)? _kept;

    /// <summary>The last answer, or a fresh one. All of it; the route leaves out what is for operators.</summary>
    public async Task<ModelServerHealth> AskAsync(CancellationToken cancellationToken)
    {
        if (options.OllamaUrl is not { } url)
        {
            return new("none", false, 0, Error: "no model server is expected by this role");
        }

        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (_kept is { } kept && nowMs - kept.AtMs < FreshMs)
            {
                return kept.Health;
            }

            var health = await ProbeAsync(url, cancellationToken).ConfigureAwait(false);
            _kept = (nowMs, health);
            return health;
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<ModelServerHealth> ProbeAsync(Uri url, CancellationToken cancellationToken)
    {
        const string Provider = "ollama-local";
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var version = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(url, "/api/version"), both.Token).ConfigureAwait(false));
            using var tags = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(url, "/api/tags"), both.Token).ConfigureAwait(false));
            var count = tags.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("models", out var models) && models.ValueKind is JsonValueKind.Array ? models.GetArrayLength() : 0;
            var named = version.RootElement is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("version", out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;
            return new(Provider, true, count, url.Authority, named);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(Provider, false, 0, url.Authority, Error: fault is OperationCanceledException ? "it did not answer in 2 s" : "it does not answer as a model server does");
        }
    }
}

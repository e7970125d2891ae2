using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Status;

/// <summary>
/// How far the inference role's pull of a model is (<c>GET /model/pull/progress</c>, agent-executor-models 4.6), for callers that reach only the coordinator.
/// Anyone may look, so the role is asked at most once in two seconds, and only the members that the specification names are passed on.
/// </summary>
/// <param name="http">Signs for the inference role.</param>
/// <param name="settings">Where it is.</param>
/// <param name="time">Clock.</param>
internal sealed class PullProgress(HttpMessageInvoker http, EscalationSettings settings, TimeProvider time) : IDisposable
{
    private const long FreshMs = 2_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly string[] Shown = ["model", "status", "progressPct", "completed", "total", "startedAtMs"];

    private readonly SemaphoreSlim _asking = new(1);
    private (long AtMs, JsonObject? Answer)? _kept;

    /// <summary>The answer, at most two seconds old. 503 <c>inference_unavailable</c> when the role does not answer as it does.</summary>
    /// <param name="withError">Whether the reason of a failed pull is told: it may name files and addresses of the machine.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string> AskAsync(bool withError, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (_kept is not { } kept || nowMs - kept.AtMs >= FreshMs)
            {
                kept = (nowMs, await FetchAsync(cancellationToken).ConfigureAwait(false));
                _kept = kept;
            }

            var answer = kept.Answer ?? throw new Refusal(503, "inference_unavailable", "The inference role does not answer. Start it with: edgecoder up") { RetryAfter = 5 };
            var view = new JsonObject(answer.Where(member => Shown.Contains(member.Key) || (withError && member.Key == "error")).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
            return view.ToJsonString();
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    private async Task<JsonObject?> FetchAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(settings.InferenceUrl, "/model/pull/progress"));
        if (settings.InferenceToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("x-inference-token", token);
        }

        var (status, body) = await EscalationHttp.SendAsync(http, request, either.Token, cancellationToken).ConfigureAwait(false);
        try
        {
            return status == 200 && JsonNode.Parse(body) is JsonObject answer && answer["status"] is JsonValue ? answer : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Its route.</summary>
internal static class PullProgressEndpoints
{
    private const CallerKinds Operators = CallerKinds.Operator | CallerKinds.MeshService;

    /// <summary>Maps it.</summary>
    public static void MapPullProgress(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/model/pull/progress", async (HttpContext context, PullProgress progress) => TypedResults.Text(
            await progress.AskAsync(context.Features.Get<Caller>() is { } caller && (caller.Kind & Operators) != 0, context.RequestAborted), "application/json")).AllowCallers(CallerKinds.Anyone | Operators);
}

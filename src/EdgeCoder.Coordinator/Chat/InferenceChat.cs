using System.Net.Http.Headers;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Chat;

/// <summary>
/// Chat by the inference service of the same operator (coordinator-and-mesh 11). It goes there and nowhere else: never to a peer, never to an agent.
/// </summary>
internal sealed class InferenceChat(EscalationSettings settings) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    /// <summary>How far the work may go; the inference service decides by it.</summary>
    private const string Reach = "x-edgecoder-reach";

    private readonly HttpMessageInvoker _http = new(EscalationHttp.Handler(), disposeHandler: true);

    /// <summary>
    /// Passes a chat on and its events back as they come. A client that goes away ends it there too. Work of this machine is refused where the inference service is another one:
    /// 409 <c>local_not_offered</c>.
    /// </summary>
    public async Task RelayAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (context.Request.Headers[Reach].ToString() == "this-machine" && !settings.InferenceUrl.IsLoopback)
        {
            throw new Refusal(409, "local_not_offered", "The inference service of this coordinator is on another machine. Choose the class team.");
        }

        var cancellation = context.RequestAborted;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(settings.InferenceUrl, "/chat")) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("x-inference-token", settings.InferenceToken ?? throw None());
        if (context.Request.Headers[Reach] is { Count: > 0 } reach)
        {
            request.Headers.TryAddWithoutValidation(Reach, reach.ToString());
        }

        using var answer = await SendAsync(request, cancellation).ConfigureAwait(false);
        if ((int)answer.StatusCode is not (200 or 400 or 404))
        {
            throw None();
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Response.Headers.CacheControl = "no-store";
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[8 * 1024];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            // What was sent cannot be taken back; without [DONE] the client knows that it is not whole.
            context.Abort();
        }
    }

    /// <summary>What the service has in use; nothing when it does not answer at once.</summary>
    public async Task<IReadOnlyList<LocalModelView>> ListAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (settings.InferenceToken is null)
        {
            return [];
        }

        using var limit = new CancellationTokenSource(Glance, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(settings.InferenceUrl, "/dashboard/api/overview"));
        request.Headers.TryAddWithoutValidation("x-inference-token", settings.InferenceToken);
        var (status, body) = await EscalationHttp.SendAsync(_http, request, either.Token, cancellationToken).ConfigureAwait(false);
        return status == 200 && EscalationHttp.Read(body, ChatJson.Default.InferenceOverview) is { ActiveModel: { } model } overview ? [new(model, overview.ActiveModelParamSize, null, Running: true)] : [];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            throw None();
        }
    }

    private static Refusal None() => new(502, "no_models_available", "The inference service does not answer or has no model. Start it, and get a model: edgecoder models list");
}

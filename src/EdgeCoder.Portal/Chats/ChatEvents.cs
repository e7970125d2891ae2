using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Chats;

/// <summary>
/// An answer as server-sent events, each one whole JSON object (portal-and-control-plane 13): <c>meta</c>, <c>content</c>, <c>usage</c>, <c>error</c>, last <c>[DONE]</c>. The id of an event is the
/// number of characters up to its end, so that a reader goes on from where it stopped, also after the answer has ended.
/// </summary>
internal static class ChatEvents
{
    // Events end within 5 s of the session (5.3).
    private static readonly TimeSpan LookAtSession = TimeSpan.FromSeconds(4);

    /// <summary>Sends an answer that is being written.</summary>
    public static async Task SendAsync(HttpContext context, RunningAnswer answer, string? model)
    {
        Begin(context);
        await MetaAsync(context, answer.ConversationId, answer.AnswerId, model).ConfigureAwait(false);
        using var session = new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(session.Token, context.RequestAborted);
        using var look = context.RequestServices.GetRequiredService<TimeProvider>().CreateTimer(_ => _ = LookAsync(context, session), null, LookAtSession, LookAtSession);
        try
        {
            await foreach (var part in answer.ReadAsync(From(context), both.Token).ConfigureAwait(false))
            {
                await PartAsync(context, part, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            // The reader is gone, or may read no more.
        }
    }

    /// <summary>Sends an answer that has ended.</summary>
    public static async Task SendAsync(HttpContext context, ChatMessageRow row)
    {
        Begin(context);
        await MetaAsync(context, row.ConversationId, row.Id, row.Model).ConfigureAwait(false);
        var from = Math.Clamp(From(context), 0, row.Content.Length);
        var failure = row.Status == MessageStatus.Failed ? new ChatFailure(502, row.Error ?? "stream_interrupted", "") : null;
        await PartAsync(context, new(row.Content[from..], row.Content.Length, row.Status, failure, row.TokensUsed), context.RequestAborted).ConfigureAwait(false);
    }

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private static Task MetaAsync(HttpContext context, string conversationId, string answerId, string? model)
    {
        var meta = new JsonObject { ["conversationId"] = conversationId, ["messageId"] = answerId };
        if (model is not null)
        {
            meta["model"] = model;
        }

        return WriteAsync(context, null, new JsonObject { ["meta"] = meta }.ToJsonString(), context.RequestAborted);
    }

    private static async Task PartAsync(HttpContext context, TurnPart part, CancellationToken cancellationToken)
    {
        if (part.Text.Length > 0)
        {
            await WriteAsync(context, part.At, new JsonObject { ["content"] = part.Text }.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }

        if (part.Status == MessageStatus.Streaming)
        {
            return;
        }

        if (part.Status == MessageStatus.Failed)
        {
            await WriteAsync(context, null, new JsonObject { ["error"] = part.At > 0 ? "stream_interrupted" : part.Failure?.Error ?? "stream_interrupted" }.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }
        else if (part.Status == MessageStatus.Stopped)
        {
            await WriteAsync(context, null, new JsonObject { ["warning"] = "stopped" }.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }

        if (part.TokensUsed is { } tokens)
        {
            await WriteAsync(context, null, new JsonObject { ["usage"] = new JsonObject { ["tokensUsed"] = tokens, ["creditsSpent"] = 0 } }.ToJsonString(), cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(context, null, "[DONE]", cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, int? id, string data, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(id is { } at ? string.Create(CultureInfo.InvariantCulture, $"id: {at}\ndata: {data}\n\n") : $"data: {data}\n\n", cancellationToken).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static int From(HttpContext context)
    {
        var last = context.Request.Headers["Last-Event-ID"].ToString();
        return last.Length == 0 ? 0 : int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : throw new Refusal(400, "validation_failed", "Last-Event-ID is the id of an event, unchanged.");
    }

    private static async Task LookAsync(HttpContext context, CancellationTokenSource ends)
    {
        try
        {
            var key = SessionCookie.OfCookie(context) ?? SessionCookie.OfBearer(context);
            if (await context.RequestServices.GetRequiredService<SessionStore>().FindAsync(key, ends.Token).ConfigureAwait(false) is null)
            {
                await ends.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or System.Data.Common.DbException)
        {
            // The answer has ended, or the next look tells.
        }
    }
}

using System.Buffers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Problems;
using EdgeCoder.IdeProvider.Routing;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>
/// Writes an answer of the swarm to the client. A stream is kept open with a comment line each 15 s, and its status is open until the first of them; after
/// that a failure is one event with the error, without <c>[DONE]</c> (agent-executor-models 6.3).
/// </summary>
internal static class SwarmStream
{
    /// <summary>Between two comment lines.</summary>
    public static readonly TimeSpan CommentPace = TimeSpan.FromSeconds(15);

    /// <summary>Writes the whole answer.</summary>
    public static async Task WholeAsync(HttpContext context, SwarmChat chat)
    {
        var body = chat.Whole();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers["X-EdgeCoder-Route"] = RouteNames.SwarmMark;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Waits for the answer and streams it; gives null after an error that the client was told of in the stream.</summary>
    public static async Task<SwarmChat?> PiecesAsync(HttpContext context, Task<SwarmChat> asked, bool withUsage, TimeProvider time)
    {
        try
        {
            while (!await EndsWithinAsync(asked, CommentPace, time).ConfigureAwait(false))
            {
                await SendAsync(context, ": waiting\n\n"u8.ToArray()).ConfigureAwait(false);
            }

            var chat = await asked.ConfigureAwait(false);
            foreach (var piece in chat.Pieces(withUsage))
            {
                await SendAsync(context, [.. "data: "u8, .. piece, .. "\n\n"u8]).ConfigureAwait(false);
            }

            await SendAsync(context, "data: [DONE]\n\n"u8.ToArray()).ConfigureAwait(false);
            return chat;
        }
        catch (Refusal fault) when (context.Response.HasStarted)
        {
            await SendAsync(context, [.. "data: "u8, .. OpenAIError.Of(fault).ToUtf8(), .. "\n\n"u8]).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Waits for a task, but not longer; its outcome is not looked at.</summary>
    public static async Task<bool> EndsWithinAsync(Task task, TimeSpan limit, TimeProvider time)
    {
        try
        {
            await task.WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return task.IsCompleted;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async ValueTask SendAsync(HttpContext context, byte[] bytes)
    {
        var response = context.Response;
        if (!response.HasStarted)
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
            response.Headers["X-EdgeCoder-Route"] = RouteNames.SwarmMark;
        }

        response.BodyWriter.Write(bytes);
        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}

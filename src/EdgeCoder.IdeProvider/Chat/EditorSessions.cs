using System.Collections.Concurrent;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Chat;

/// <summary>
/// Completions while somebody types: a newer request of the same editor session ends the older, whose text nobody needs any more (agent-executor-models 6.4).
/// A session is named by the client in the header <c>X-EdgeCoder-Session</c>, up to 128 characters, and is its key's alone. Without the header nothing is ended.
/// </summary>
internal sealed class EditorSessions
{
    private const string Header = "X-EdgeCoder-Session";
    private const int MostCharacters = 128;

    private readonly ConcurrentDictionary<(string Caller, string Session), CancellationTokenSource> _newest = new();

    /// <summary>
    /// Serves a call and ends the older one of its session. When a newer one ends this: 409 <c>superseded</c>, or an event with that error where the answer
    /// has begun.
    /// </summary>
    public async Task ServeAsync(HttpContext context, IdeCaller caller, Func<Task> serve)
    {
        var session = context.Request.Headers[Header].ToString();
        if (session.Length == 0)
        {
            await serve().ConfigureAwait(false);
            return;
        }

        if (session.Length > MostCharacters)
        {
            throw new Refusal(400, "invalid_request", $"{Header} may have {MostCharacters} characters.");
        }

        var name = (caller.Key?.Id ?? "", session);
        var gone = context.RequestAborted;
        using var own = CancellationTokenSource.CreateLinkedTokenSource(gone);
        await ReplaceAsync(name, own).ConfigureAwait(false);
        context.RequestAborted = own.Token;
        try
        {
            await serve().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (own.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            // Told below.
        }
        finally
        {
            _newest.TryRemove(new(name, own));
            context.RequestAborted = gone;
        }

        if (own.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            await TellAsync(context).ConfigureAwait(false);
        }
    }

    private async Task ReplaceAsync((string Caller, string Session) name, CancellationTokenSource own)
    {
        while (!_newest.TryAdd(name, own))
        {
            if (_newest.TryGetValue(name, out var older) && _newest.TryUpdate(name, own, older))
            {
                try
                {
                    await older.CancelAsync().ConfigureAwait(false);
                }
                catch (ObjectDisposedException)
                {
                    // It has ended just now.
                }

                return;
            }
        }
    }

    private static async Task TellAsync(HttpContext context)
    {
        var error = new OpenAIError(409, "superseded", "A newer completion of the same editor session has taken its place.");
        if (!context.Response.HasStarted)
        {
            throw new Refusal(error.Status, error.Code, error.Message);
        }

        if (context.Response.ContentType == "text/event-stream")
        {
            await context.Response.Body.WriteAsync((byte[])[.. "data: "u8, .. error.ToUtf8(), .. "\n\n"u8], context.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            context.Abort();
        }
    }
}

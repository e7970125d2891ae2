using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// Server-sent events of one answer. Nothing is sent before there is something to say, so that its absence can still be a status; while nothing comes, a
/// comment line each <see cref="CommentEvery"/> keeps the connection.
/// </summary>
internal sealed class EventStream(HttpContext context, TimeProvider time)
{
    /// <summary>Silence after which a comment is sent.</summary>
    public static readonly TimeSpan CommentEvery = TimeSpan.FromSeconds(15);

    // What is ready at once goes out together, up to this many bytes.
    private const long MostUnsent = 16 * 1024;

    private readonly PipeWriter _pipe = context.Response.BodyWriter;

    /// <summary>Where an event's data is written, between <see cref="BeginAsync"/> and <see cref="EndAsync"/>.</summary>
    public IBufferWriter<byte> Target => _pipe;

    /// <summary>
    /// Whether there is another piece. While it waits, what was written is sent, and comments.
    /// The first wait may so begin the response; a later fault is then an event.
    /// </summary>
    public async ValueTask<bool> NextAsync(IAsyncEnumerator<AnswerPiece> pieces)
    {
        var next = pieces.MoveNextAsync();
        if (next.IsCompleted)
        {
            return await next.ConfigureAwait(false);
        }

        if (context.Response.HasStarted)
        {
            await _pipe.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }

        var waiting = next.AsTask();
        while (true)
        {
            try
            {
                return await waiting.WaitAsync(CommentEvery, time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!waiting.IsCompleted)
            {
                await CommentAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Begins an event.</summary>
    public async ValueTask BeginAsync()
    {
        if (!context.Response.HasStarted)
        {
            await StartAsync().ConfigureAwait(false);
        }

        _pipe.Write("data: "u8);
    }

    /// <summary>Ends an event. It is sent with what is ready after it.</summary>
    public async ValueTask EndAsync()
    {
        _pipe.Write("\n\n"u8);
        if (_pipe.CanGetUnflushedBytes && _pipe.UnflushedBytes > MostUnsent)
        {
            await _pipe.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>The last event of a whole answer.</summary>
    public async ValueTask DoneAsync()
    {
        _pipe.Write("data: [DONE]\n\n"u8);
        await _pipe.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The last event of one that broke.</summary>
    public async ValueTask BrokenAsync(ApiFault fault)
    {
        await BeginAsync().ConfigureAwait(false);
        using (var json = new Utf8JsonWriter(_pipe))
        {
            AnswerJson.Error(json, fault);
        }

        _pipe.Write("\n\n"u8);
        await _pipe.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private async ValueTask CommentAsync()
    {
        if (!context.Response.HasStarted)
        {
            await StartAsync().ConfigureAwait(false);
        }

        _pipe.Write(": waiting for the model\n\n"u8);
        await _pipe.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private Task StartAsync()
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return context.Response.StartAsync(context.RequestAborted);
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>
/// Relays an event stream. 1. The status stays open until the first piece is here. 2. Each piece passes in the bytes in which it came, the first with the
/// marks. 3. The end is <c>[DONE]</c> only where the upstream said so, or had given its finish reason; else it is one event with the error.
/// </summary>
internal sealed class StreamRelay(HttpContext context, RelayCall call, TimeProvider time)
{
    private static readonly TimeSpan CommentPace = TimeSpan.FromSeconds(15);

    private readonly PipeWriter _output = context.Response.BodyWriter;
    private RelayMarks _marks = call.Marks;
    private AnswerUsage? _usage;
    private TimeSpan? _firstByte;
    private OpenAIError? _fault;
    private long _pieces;
    private bool _done;
    private bool _finished;

    /// <summary>Whether the client has been sent anything.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Keeps a quiet connection open: a comment line, which clients pass over.</summary>
    public async ValueTask CommentAsync()
    {
        Start();
        _output.Write(": waiting\n\n"u8);
        await _output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Ends a stream that has begun with its error.</summary>
    public async ValueTask FailAsync(OpenAIError error)
    {
        Start();
        _output.Write("data: "u8);
        _output.Write(error.ToUtf8());
        _output.Write("\n\n"u8);
        await _output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Relays an answer to its end.</summary>
    public async Task<RelayEnd> RunAsync(HttpResponseMessage answer, RelayMarks marks)
    {
        _marks = marks;
        using var events = new EventBuffer();
        try
        {
            var source = await answer.Content.ReadAsStreamAsync(context.RequestAborted).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                while (!_done && _fault is null)
                {
                    var got = await ReadAsync(source, events).ConfigureAwait(false);
                    if (got == 0)
                    {
                        break;
                    }

                    events.Arrived(got);
                    call.Progress?.Invoke();
                    if (TakeAll(events))
                    {
                        await _output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException or JsonException && !context.RequestAborted.IsCancellationRequested)
        {
            _fault ??= Broken();
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            return End() with { IsCut = true }; // Nobody is left to answer; the upstream was told by closing its connection. What was made is metered.
        }

        await FinishAsync().ConfigureAwait(false);
        return End();
    }

    private RelayEnd End() => new(_usage is { } counts ? counts.Prompt + counts.Completion : _pieces, _firstByte);

    private async ValueTask<int> ReadAsync(Stream source, EventBuffer events)
    {
        var reading = source.ReadAsync(events.Room(), context.RequestAborted);
        if (reading.IsCompleted)
        {
            return await reading.ConfigureAwait(false);
        }

        var waiting = reading.AsTask();
        while (true)
        {
            try
            {
                return await waiting.WaitAsync(CommentPace, time, context.RequestAborted).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await CommentAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask FinishAsync()
    {
        if (_fault is null && _usage is { } usage)
        {
            _fault = PromptCheck.Truncated(call, usage);
        }

        if (_fault is null && !_done && !_finished)
        {
            _fault = Broken();
        }

        if (_fault is null)
        {
            Start();
            _output.Write("data: [DONE]\n\n"u8);
            await _output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            return;
        }

        if (!HasStarted)
        {
            throw new Refusal(_fault.Status, _fault.Code, _fault.Message);
        }

        await FailAsync(_fault).ConfigureAwait(false);
    }

    private OpenAIError Broken() => new(502, "upstream_error", $"{call.Upstream} stopped in the middle of its answer. What came before is not the whole.");

    private bool TakeAll(EventBuffer events)
    {
        var wrote = false;
        while (!_done && _fault is null && events.TryTake(out var block))
        {
            wrote |= Take(block);
        }

        return wrote;
    }

    private bool Take(ReadOnlySpan<byte> block)
    {
        var json = EventData.Of(block);
        if (json.IsEmpty)
        {
            return false; // A comment, or an event without data: nothing a client of this API waits for.
        }

        if (json.SequenceEqual("[DONE]"u8))
        {
            _done = true;
            return false;
        }

        if (json[0] != (byte)'{')
        {
            throw new JsonException("A piece of the stream is no JSON object.");
        }

        if (json.IndexOf("\"error\""u8) is >= 0 and < 16)
        {
            return Failed(json);
        }

        if (json.IndexOf("_tokens\""u8) >= 0 && AnswerUsage.Read(json, out var hasChoices) is { } usage)
        {
            _usage = usage;
            if (!hasChoices && !call.Body.IncludeUsage)
            {
                return false;
            }
        }

        _finished |= json.IndexOf("\"finish_reason\":\""u8) >= 0 || json.IndexOf("\"finish_reason\": \""u8) >= 0;
        Pass(json);
        return true;
    }

    private bool Failed(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var (message, code, _) = Relay.ErrorOf(document.RootElement);
        if (message is null && code is null)
        {
            Pass(json);
            return true;
        }

        _fault = new(502, call.CheckWith is null && code is not null ? code : "upstream_error", message ?? $"{call.Upstream} failed in the middle of its answer.");
        return false;
    }

    private void Pass(ReadOnlySpan<byte> json)
    {
        Start();
        _output.Write("data: "u8);
        if (_pieces++ == 0)
        {
            _firstByte = time.GetElapsedTime(call.Began);
            _output.Write(json[..1]);
            _output.Write(_marks.Member(_firstByte.Value, isOnly: json.Length < 3));
            _output.Write(json[1..]);
        }
        else if (ChunkRole.Find(json) is { } role)
        {
            _output.Write(json[..role.Start]);
            _output.Write(json[role.End..]);
        }
        else
        {
            _output.Write(json);
        }

        _output.Write("\n\n"u8);
    }

    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        response.Headers["X-EdgeCoder-Route"] = _marks.Route;
    }
}

using System.Buffers;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Problems;
using EdgeCoder.Protocol.Problems;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>
/// Carries a call to its upstream and the answer back. Bytes pass as they are; what changes is what the contract with the client adds: the marks, the role
/// in the first piece alone, the counts only where asked for, and an honest end (agent-executor-models 6.3).
/// </summary>
internal sealed class Relay(TimeProvider time)
{
    private const int MostAnswerBytes = 64 << 20;
    private static readonly TimeSpan CommentPace = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Relays. Throws <see cref="Refusal"/> while nothing has been sent to the client; after that a failure is one event with the error, without
    /// <c>[DONE]</c>. Cancelling ends the call at the upstream.
    /// </summary>
    public async Task<RelayEnd> RunAsync(HttpContext context, RelayCall call)
    {
        if (call.Times is not { } times)
        {
            return await SendAsync(context, call).ConfigureAwait(false);
        }

        // The limits end the call as its client's leaving does; who is still there is told which of them passed.
        var gone = context.RequestAborted;
        using var limit = new CallLimit(times, time, gone);
        context.RequestAborted = limit.Token;
        RelayEnd end;
        try
        {
            end = await SendAsync(context, call with { Progress = limit.Progress }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.Passed is not null && !gone.IsCancellationRequested)
        {
            end = new(0, null, IsCut: true);
        }
        finally
        {
            context.RequestAborted = gone;
        }

        if (end.IsCut && limit.Passed is { } passed && !gone.IsCancellationRequested)
        {
            var late = TooLate(call, passed);
            if (!context.Response.HasStarted)
            {
                throw Refusal(late);
            }

            await context.Response.Body.WriteAsync((byte[])[.. "data: "u8, .. late.ToUtf8(), .. "\n\n"u8], gone).ConfigureAwait(false);
        }

        return end;
    }

    /// <summary>What a limit that passed means.</summary>
    public static OpenAIError TooLate(RelayCall call, string passed) =>
        new(504, "upstream_timeout", $"{call.Upstream} is late: {passed}. The limit follows from its measured speed; look after it, or measure again: edgecoder models preflight");

    private async Task<RelayEnd> SendAsync(HttpContext context, RelayCall call)
    {
        var ended = context.RequestAborted;
        var stream = new StreamRelay(context, call, time);
        HttpResponseMessage answer;
        try
        {
            var asked = call.Upstream.PostAsync(call.Path, call.Bytes, ended);
            while (call.Body.Stream && !asked.IsCompleted)
            {
                try
                {
                    await asked.WaitAsync(CommentPace, time, ended).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    await stream.CommentAsync().ConfigureAwait(false);
                }
            }

            answer = await asked.ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            return await FailAsync(stream, Unreachable(call, fault)).ConfigureAwait(false);
        }

        using (answer)
        {
            var marked = Marked(call, answer);
            if ((int)answer.StatusCode != StatusCodes.Status200OK)
            {
                return await FailAsync(stream, await RefusedAsync(call, answer, ended).ConfigureAwait(false)).ConfigureAwait(false);
            }

            var isStream = answer.Content.Headers.ContentType?.MediaType == "text/event-stream";
            if (isStream != call.Body.Stream)
            {
                return await FailAsync(stream, new(502, "upstream_error", $"{call.Upstream} answered in another form than it was asked for.")).ConfigureAwait(false);
            }

            return isStream
                ? await stream.RunAsync(answer, marked).ConfigureAwait(false)
                : await WholeAsync(context, call with { Marks = marked }, answer).ConfigureAwait(false);
        }
    }

    // With the status where nothing was sent yet, else in the stream.
    private static async Task<RelayEnd> FailAsync(StreamRelay stream, OpenAIError error)
    {
        if (!stream.HasStarted)
        {
            throw Refusal(error);
        }

        await stream.FailAsync(error).ConfigureAwait(false);
        return default;
    }

    private async Task<RelayEnd> WholeAsync(HttpContext context, RelayCall call, HttpResponseMessage answer)
    {
        byte[] body;
        try
        {
            body = await ReadAsync(answer, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new Refusal(502, "upstream_error", $"{call.Upstream} broke off its answer. Try again.");
        }

        var latency = time.GetElapsedTime(call.Began);
        var open = body.AsSpan().IndexOf((byte)'{') + 1;
        AnswerUsage? usage;
        bool isEmpty;
        try
        {
            usage = open > 0 ? AnswerUsage.Read(body, out _) : throw new JsonException();
            isEmpty = body.AsSpan(open).TrimStart(" \t\r\n"u8)[0] == (byte)'}';
        }
        catch (JsonException)
        {
            throw new Refusal(502, "upstream_error", $"{call.Upstream} answered something that is no JSON object.");
        }

        if (usage is { } counts && PromptCheck.Truncated(call, counts) is { } cut)
        {
            throw new Refusal(cut.Status, cut.Code, cut.Message);
        }

        var member = call.Marks.Member(latency, isOnly: isEmpty);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = body.Length + member.Length;
        response.Headers["X-EdgeCoder-Route"] = call.Marks.Route;
        response.BodyWriter.Write(body.AsSpan(0, open));
        response.BodyWriter.Write(member);
        response.BodyWriter.Write(body.AsSpan(open));
        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);

        // It comes with its last token: what its writing took is not what the caller waited for the first.
        var writing = usage is { } said ? call.TokenTime * said.Completion : null;
        var first = writing is { } took && took < latency ? latency - took : writing is null ? latency : TimeSpan.Zero;
        return new((usage?.Prompt ?? 0) + (usage?.Completion ?? 0), first, IsAtMost: writing is null);
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength > MostAnswerBytes)
        {
            throw new InvalidDataException("The answer is too large.");
        }

        var stream = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            if (answer.Content.Headers.ContentLength is { } length)
            {
                var whole = new byte[length];
                await stream.ReadExactlyAsync(whole, cancellationToken).ConfigureAwait(false);
                return whole;
            }

            using var read = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int got; (got = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                read.Write(buffer, 0, got);
                if (read.Length > MostAnswerBytes)
                {
                    throw new InvalidDataException("The answer is too large.");
                }
            }

            return read.ToArray();
        }
    }

    /// <summary>An error as it is thrown while its status can still be sent.</summary>
    public static Refusal Refusal(OpenAIError error) =>
        new(error.Status, error.Code, error.Message) { Issues = error.Param is { } param ? [new FieldIssue(param, error.Message)] : null, RetryAfter = error.Status == 503 ? 2 : null };

    /// <summary>The marks with what the upstream names in its headers.</summary>
    public static RelayMarks Marked(RelayCall call, HttpResponseMessage answer)
    {
        var marks = call.Marks;
        return marks with
        {
            Route = Header(answer, "x-edgecoder-provider") is { } provider ? provider.Split('/')[0] : marks.Route,
            Model = Header(answer, "x-edgecoder-model") ?? marks.Model,
            ModelDigest = Header(answer, "x-edgecoder-model-digest") ?? marks.ModelDigest,
            Fallback = Header(answer, "x-edgecoder-fallback-from"),
        };
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>What a connection that failed means.</summary>
    public static OpenAIError Unreachable(RelayCall call, HttpRequestException fault) =>
        fault.InnerException is SocketException
            ? new(503, "local_model_unavailable", $"{call.Upstream} does not answer. Start it, or choose another model.")
            : new(502, "upstream_error", $"{call.Upstream} broke off before its answer. Try again.");

    /// <summary>What a refusal of an upstream means: our own service's are exact and pass; another server's are translated, because its 401 is not the client's.</summary>
    public static async Task<OpenAIError> RefusedAsync(RelayCall call, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var (message, code, param) = await ErrorOfAsync(answer, cancellationToken).ConfigureAwait(false);
        if (call.CheckWith is null && code is not null && status is not (401 or 403))
        {
            return new(status, code, message ?? "The model could not answer.", param);
        }

        return status switch
        {
            400 when code == "context_length_exceeded" => new(400, code, message!, param),
            400 or 422 => new(400, "invalid_request", $"{call.Upstream} refused the request: {message ?? "it gave no reason"}", param),
            404 => new(404, "model_not_found", $"{call.Upstream} does not have the model {call.Marks.Model}."),
            413 => new(413, "payload_too_large", $"{call.Upstream} refused the request as too large."),
            429 => new(429, "rate_limit_exceeded", $"{call.Upstream} takes no more calls now. Try again later."),
            503 => new(503, "local_model_unavailable", $"{call.Upstream} is not ready{(message is null ? "" : ": " + message)}"),
            504 => new(504, "upstream_timeout", $"{call.Upstream} gave up waiting."),
            _ => new(502, "upstream_error", $"{call.Upstream} failed with status {status}{(message is null ? "" : ": " + message)}"),
        };
    }

    private static async Task<(string? Message, string? Code, string? Param)> ErrorOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await ReadAsync(answer, cancellationToken).ConfigureAwait(false);
            using var document = JsonDocument.Parse(body);
            return ErrorOf(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException or IOException or InvalidDataException)
        {
            return default;
        }
    }

    /// <summary>Message, code and member of an error document; each may be absent.</summary>
    internal static (string? Message, string? Code, string? Param) ErrorOf(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object || !document.TryGetProperty("error", out var error))
        {
            return default;
        }

        return error.ValueKind == JsonValueKind.String
            ? (Short(error.GetString()), null, null)
            : error.ValueKind == JsonValueKind.Object ? (Short(Text(error, "message")), Text(error, "code"), Text(error, "param")) : default;

        static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        static string? Short(string? text) => text is { Length: > 600 } ? text[..600] + "…" : text;
    }
}

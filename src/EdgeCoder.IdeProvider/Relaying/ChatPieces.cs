using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>A streamed chat answer as its pieces, for routes that say the same in another form. The call asks for a stream with counts.</summary>
internal sealed class ChatPieces(RelayCall call, TimeProvider time) : IChatSource
{
    /// <inheritdoc/>
    public RelayMarks Marks { get; private set; } = call.Marks;

    /// <inheritdoc/>
    public AnswerUsage? Usage { get; private set; }

    /// <inheritdoc/>
    public TimeSpan? FirstByte { get; private set; }

    /// <summary>
    /// The pieces, each a JSON object of the chat API. Throws <see cref="Refusal"/> when the upstream fails, also in the middle: a stream that ends without its
    /// end has failed.
    /// </summary>
    public async IAsyncEnumerable<JsonElement> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limit = new CallLimit(call.Times, time, cancellationToken);
        using var answer = await InTimeAsync(limit, AskAsync(limit.Token), cancellationToken).ConfigureAwait(false);
        using var events = new EventBuffer();
        var (done, finished) = (false, false);
        var source = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            while (!done)
            {
                var got = await InTimeAsync(limit, FillAsync(source, events, limit.Token).AsTask(), cancellationToken).ConfigureAwait(false);
                limit.Progress();
                if (got == 0)
                {
                    break;
                }

                while (!done && Next(events, out var piece, out done))
                {
                    if (piece is { } json)
                    {
                        FirstByte ??= time.GetElapsedTime(call.Began);
                        finished |= IsLast(json);
                        yield return json;
                    }
                }
            }
        }

        if (Usage is { } usage && PromptCheck.Truncated(call, usage) is { } cut)
        {
            throw new Refusal(cut.Status, cut.Code, cut.Message);
        }

        if (!done && !finished)
        {
            throw Broken();
        }
    }

    private async Task<T> InTimeAsync<T>(CallLimit limit, Task<T> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.Passed is not null && !cancellationToken.IsCancellationRequested)
        {
            throw Relay.Refusal(Relay.TooLate(call, limit.Passed));
        }
    }

    private async Task<HttpResponseMessage> AskAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await call.Upstream.PostAsync(call.Path, call.Bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            throw Relay.Refusal(Relay.Unreachable(call, fault));
        }

        Marks = Relay.Marked(call, answer);
        if ((int)answer.StatusCode == 200 && answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            return answer;
        }

        using (answer)
        {
            throw Relay.Refusal((int)answer.StatusCode == 200
                ? new(502, "upstream_error", $"{call.Upstream} answered in another form than it was asked for.")
                : await Relay.RefusedAsync(call, answer, cancellationToken).ConfigureAwait(false));
        }
    }

    private async ValueTask<int> FillAsync(Stream source, EventBuffer events, CancellationToken cancellationToken)
    {
        try
        {
            var got = await source.ReadAsync(events.Room(), cancellationToken).ConfigureAwait(false);
            events.Arrived(got);
            return got;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or InvalidDataException && !cancellationToken.IsCancellationRequested)
        {
            throw Broken();
        }
    }

    private bool Next(EventBuffer events, out JsonElement? piece, out bool done)
    {
        (piece, done) = (null, false);
        if (!events.TryTake(out var block))
        {
            return false;
        }

        try
        {
            var data = EventData.Of(block);
            if (data.SequenceEqual("[DONE]"u8))
            {
                done = true;
            }
            else if (!data.IsEmpty)
            {
                var json = JsonElement.Parse(data);
                if (json.TryGetProperty("error", out _))
                {
                    var (message, code, _) = Relay.ErrorOf(json);
                    throw new Refusal(502, call.CheckWith is null && code is not null ? code : "upstream_error", message ?? $"{call.Upstream} failed in the middle of its answer.");
                }

                Usage = AnswerUsage.Read(data, out _) ?? Usage;
                piece = json;
            }

            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw Broken();
        }
    }

    private static bool IsLast(JsonElement piece) =>
        piece.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
        && choices[0].TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String;

    private Refusal Broken() => new(502, "upstream_error", $"{call.Upstream} stopped in the middle of its answer. What came before is not the whole.");
}

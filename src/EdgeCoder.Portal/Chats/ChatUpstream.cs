using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Chats;

namespace EdgeCoder.Portal.Chats;

/// <summary>Why no answer came, or why it broke off.</summary>
/// <param name="status">HTTP status, before the first word.</param>
/// <param name="error">Stable code.</param>
/// <param name="detail">For a person.</param>
internal sealed class ChatFailure(int status, string error, string detail) : Exception(detail)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Stable code.</summary>
    public string Error { get; } = error;
}

/// <summary>A piece of an answer: words, or the count of tokens before the end.</summary>
internal readonly record struct ChatPart(string? Words, long? TokensUsed);

/// <summary>
/// Asks the home coordinator for an answer (portal-and-control-plane 13). What a local conversation says goes with <c>x-edgecoder-reach: this-machine</c>, which the inference service holds; where the
/// coordinator is another machine, no local conversation exists. 120 s to the first word, 60 s between words.
/// </summary>
/// <param name="home">The coordinator.</param>
/// <param name="time">Clock.</param>
internal sealed class ChatUpstream(HomeCoordinator home, TimeProvider time)
{
    private const float Temperature = 0.7f;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(60);

    /// <summary>Parts of the answer as they come; it ends only with a whole one. Throws <see cref="ChatFailure"/>.</summary>
    public async IAsyncEnumerable<ChatPart> AskAsync(SignedIn person, ChatReach reach, string? model, IReadOnlyList<ChatTurnText> history, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(First, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var answer = await SendAsync(person, reach, model, history, both.Token, cancellationToken).ConfigureAwait(false);
        await using var body = await answer.Content.ReadAsStreamAsync(both.Token).ConfigureAwait(false);
        await using var events = SseParser.Create(body, (_, data) => Read(data)).EnumerateAsync(both.Token).GetAsyncEnumerator(both.Token);
        while (await NextAsync(events, cancellationToken).ConfigureAwait(false))
        {
            limit.CancelAfter(Between);
            var (piece, done) = events.Current.Data;
            if (done)
            {
                yield break;
            }

            yield return piece;
        }

        throw Interrupted();
    }

    /// <summary>The failure of an answer that broke off.</summary>
    public static ChatFailure Interrupted() => new(502, "stream_interrupted", "The answer broke off. What had come is kept; try again.");

    private async Task<HttpResponseMessage> SendAsync(SignedIn person, ChatReach reach, string? model, IReadOnlyList<ChatTurnText> history, CancellationToken limited, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            using var request = home.Request(HttpMethod.Post, ["portal", "chat"], person, HomeCoordinator.AccountOf(person));
            request.Headers.Add("x-edgecoder-reach", reach == ChatReach.Local ? "this-machine" : "team");
            var words = new ChatRequest { Model = model, Temperature = Temperature, IncludeUsage = true, Messages = [.. model is null ? [] : new[] { new ChatTurn("system", SystemText(model)) }, .. history.Select(turn => new ChatTurn(turn.Role, turn.Content))] };
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(words, InferenceJson.Default.ChatRequest));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            answer = await home.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited, First).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            throw refusal.Error == "coordinator_unreachable" ? new(502, "no_coordinators_available", "The coordinator does not answer. Your message is kept; try again in a moment.") : new ChatFailure(refusal.Status, refusal.Error, refusal.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatFailure(502, "all_coordinators_failed", "No word came within two minutes. Your message is kept; try again.");
        }

        if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            return answer;
        }

        using (answer)
        {
            throw await RefusedAsync(answer, limited).ConfigureAwait(false);
        }
    }

    private static async Task<ChatFailure> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        string? error = null, detail = null;
        try
        {
            var problem = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            (error, detail) = (Text(problem, "error"), Text(problem, "detail"));
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException or IOException or InvalidOperationException)
        {
            // An answer of something that is no coordinator.
        }

        return error switch
        {
            "no_models_available" => new(502, error, detail ?? "There is no model. Get one: edgecoder models list"),
            "context_length_exceeded" => new(413, "context_window_exceeded", detail ?? "The conversation is longer than the model can read at once."),
            "local_not_offered" => new(409, error, "The model of this installation is on another machine, so this conversation cannot stay here. Give it the class team, or begin a new one."),
            "model_not_found" => new(404, error, detail ?? "There is no such model."),
            _ => new(502, "all_coordinators_failed", "The coordinator could not answer. Your message is kept; try again."),
        };
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<(ChatPart, bool)>> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Interrupted();
        }
    }

    private static (ChatPart Part, bool Done) Read(ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            return (default, true);
        }

        var reader = new Utf8JsonReader(data);
        var one = JsonElement.ParseValue(ref reader);
        if (one.ValueKind != JsonValueKind.Object || one.TryGetProperty("error", out _))
        {
            throw new JsonException("The answer broke off.");
        }

        return one.TryGetProperty("usage", out var usage) ? (new(null, Tokens(usage)), false) : (new(Text(one, "content") ?? "", null), false);
    }

    private static long? Tokens(JsonElement usage) => Number(usage, "promptTokens") is { } prompt && Number(usage, "completionTokens") is { } completion ? prompt + completion : null;

    private static long? Number(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Names the model and the limits, and nothing of this installation. A model that nobody chose may be one that knows no instructions, as the demonstration model: it is asked as it is.
    private static string SystemText(string model) =>
        $"You are a programming assistant, the model {model}. Answer in Markdown. You see this conversation only: no files, no network, and nothing that you write is run.";
}

/// <summary>A message as a model is sent it.</summary>
internal sealed record ChatTurnText(string Role, string Content);

using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>
/// A chat as one task of text, or why it is none. A task carries a text and no more: tools, images and forms of output cannot travel with it, limits and stop
/// words are kept when the answer is here. Pure.
/// </summary>
internal sealed class SwarmPrompt
{
    private static readonly string[] Sampling = ["temperature", "top_p", "seed", "presence_penalty", "frequency_penalty"];

    private SwarmPrompt(string text, int? maxTokens, IReadOnlyList<string> stops, IReadOnlyList<string> ignored) => (Text, MaxTokens, Stops, Ignored) = (text, maxTokens, stops, ignored);

    /// <summary>The text of the task.</summary>
    public string Text { get; }

    /// <summary>Most tokens of the answer.</summary>
    public int? MaxTokens { get; }

    /// <summary>The answer ends before the first of these.</summary>
    public IReadOnlyList<string> Stops { get; }

    /// <summary>Members of the request that a worker's model does not learn of; the answer names them.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>Why a call cannot be a task of text; null when it can.</summary>
    public static Refusal? WhyNot(CallBody body)
    {
        if (body.Kind != CallKind.Chat)
        {
            return new(400, "unsupported_parameter", "Completions and embeddings never go to the swarm.") { Issues = [new FieldIssue("model", "not for this route")] };
        }

        if (body.FirstImage is { } image)
        {
            return new(400, "unsupported_parameter", "Tasks of the swarm carry text; leave the image out.") { Issues = [new FieldIssue(image, "not supported")] };
        }

        var root = JsonElement.Parse(body.Bytes.Span);
        if (body.HasTools || Messages(root).Any(message => Member(message, "tool_calls") is { ValueKind: JsonValueKind.Array } || Role(message) == "tool"))
        {
            return new(503, "no_model_available", "Requests with tools go only to models that are proven for them, and tasks of the swarm carry text alone: no model there is proven for tools.");
        }

        return Member(root, "response_format") is { ValueKind: JsonValueKind.Object } format && Member(format, "type") is { ValueKind: JsonValueKind.String } type && !type.ValueEquals("text")
            ? new(400, "unsupported_parameter", "A form of output cannot be asked of the swarm: tasks carry text.") { Issues = [new FieldIssue("response_format", "not supported")] }
            : null;
    }

    /// <summary>Reads a call that <see cref="WhyNot"/> has nothing against.</summary>
    public static SwarmPrompt Read(CallBody body)
    {
        var root = JsonElement.Parse(body.Bytes.Span);
        var turns = Messages(root).Select(message => (Role: Role(message), Text: Content(Member(message, "content")))).Where(turn => turn.Text.Length > 0).ToList();
        return new(Write(turns), body.MaxTokens, StopWords(Member(root, "stop")), [.. Sampling.Where(name => Member(root, name) is { ValueKind: JsonValueKind.Number })]);
    }

    /// <summary>What of an answer the client gets: before the first stop word, within the limit as it is estimated here.</summary>
    public (string Text, bool IsCut) Cut(string answer)
    {
        foreach (var stop in Stops)
        {
            var at = answer.IndexOf(stop, StringComparison.Ordinal);
            answer = at >= 0 ? answer[..at] : answer;
        }

        if (MaxTokens is not { } most || Tokens(answer) <= most)
        {
            return (answer, false);
        }

        var (fits, tooMuch) = (0, answer.Length);
        while (tooMuch - fits > 1)
        {
            var middle = (fits + tooMuch) / 2;
            (fits, tooMuch) = Tokens(answer[..middle]) <= most ? (middle, tooMuch) : (fits, middle);
        }

        // A pair of surrogates stays whole.
        return (answer[..(fits > 0 && char.IsHighSurrogate(answer[fits - 1]) ? fits - 1 : fits)], true);
    }

    /// <summary>Tokens of a text as they are estimated where nobody reports them.</summary>
    public static long Tokens(string text) => (long)Math.Ceiling(TokenEstimate.Cautious.Middle(text));

    // A question alone stays as it is, and so does one below the client's instructions; a conversation is written as one.
    private static string Write(List<(string Role, string Text)> turns)
    {
        if (turns.Count(turn => turn.Role is "user" or "assistant") <= 1)
        {
            return string.Join("\n\n", turns.Select(turn => turn.Text));
        }

        var text = new StringBuilder();
        foreach (var (role, said) in turns)
        {
            text.Append(role switch { "user" => "User:\n", "assistant" => "Assistant:\n", _ => "" }).Append(said).Append("\n\n");
        }

        return text.Append("Answer the last message of the user.").ToString();
    }

    private static IEnumerable<JsonElement> Messages(JsonElement root) => root.GetProperty("messages").EnumerateArray();

    private static string Role(JsonElement message) => Member(message, "role")?.GetString() ?? "";

    private static string Content(JsonElement? content) => content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Join('\n', parts.EnumerateArray().Select(part => Content(Member(part, "text") ?? Member(part, "refusal"))).Where(text => text.Length > 0)),
        _ => "",
    };

    private static List<string> StopWords(JsonElement? stop) => stop switch
    {
        { ValueKind: JsonValueKind.String } one when one.GetString() is { Length: > 0 } text => [text],
        { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!).Where(text => text.Length > 0)],
        _ => [],
    };

    private static JsonElement? Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : null;
}

using EdgeCoder.Inference.Llama.Batching;

namespace EdgeCoder.Inference.Llama.Prompts;

/// <summary>A conversation as tokens.</summary>
/// <param name="Tokens">All of it, up to where the model begins to answer.</param>
/// <param name="SystemTokens">How many of them, at the beginning, are the system message.</param>
internal sealed record ChatPrompt(int[] Tokens, int SystemTokens)
{
    /// <summary>Shorter system messages are not worth a sequence of their own.</summary>
    private const int ShortestKept = 16;

    /// <summary>
    /// Tokenizes a conversation. A control token such as the end of a turn counts only where the template put it: the same characters in a
    /// message stay text, so that no message can pretend to be another speaker.
    /// </summary>
    public static ChatPrompt Render(LlamaModel model, IReadOnlyList<ChatTurn> turns)
    {
        var template = ChatTemplate.Of(model);
        var tokens = Tokenize(model, template, turns, addAssistant: true);
        var leading = turns.TakeWhile(turn => turn.Role == "system").ToList();
        if (leading.Count == 0 || leading.Count == turns.Count)
        {
            return new(tokens, 0);
        }

        var system = PrefixMatch.Common([.. Tokenize(model, template, leading, addAssistant: false)], tokens);
        return new(tokens, system >= ShortestKept ? system : 0);
    }

    private static int[] Tokenize(LlamaModel model, string template, IReadOnlyList<ChatTurn> turns, bool addAssistant) =>
        turns.Any(turn => HoldsControlTokens(model, turn.Text))
            ? TokenizeApart(model, template, turns, addAssistant)
            : model.Tokenize(ChatTemplate.Apply(template, turns, addAssistant), addSpecial: true, parseSpecial: true);

    private static bool HoldsControlTokens(LlamaModel model, string text) =>
        !model.Tokenize(text, parseSpecial: true).AsSpan().SequenceEqual(model.Tokenize(text, parseSpecial: false));

    /// <summary>Renders the template around place-holders, and tokenizes what the template wrote and what people wrote with different rules.</summary>
    private static int[] TokenizeApart(LlamaModel model, string template, IReadOnlyList<ChatTurn> turns, bool addAssistant)
    {
        var placeholders = turns.Select((_, i) => $"\uE000turn{i}\uE001").ToList();
        var rest = ChatTemplate.Apply(template, [.. turns.Select((turn, i) => turn with { Text = placeholders[i] })], addAssistant);
        List<int> tokens = [];
        var first = true;
        foreach (var (turn, placeholder) in turns.Zip(placeholders))
        {
            var at = rest.IndexOf(placeholder, StringComparison.Ordinal);
            if (at < 0)
            {
                // The template leaves this message out.
                continue;
            }

            tokens.AddRange(model.Tokenize(rest[..at], addSpecial: first, parseSpecial: true));
            tokens.AddRange(model.Tokenize(turn.Text));
            rest = rest[(at + placeholder.Length)..];
            first = false;
        }

        tokens.AddRange(model.Tokenize(rest, addSpecial: first, parseSpecial: true));
        return [.. tokens];
    }
}

using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Prompts;

namespace EdgeCoder.Agent.Contexts;

/// <summary>Counts with the model's own tokenizer, part by part: the parts of a conversation stay the same from call to call and are counted once.</summary>
internal sealed class TokenCounts(AgentModel model)
{
    /// <summary>Tokens that a chat template adds around one message, an upper estimate over the families we know.</summary>
    private const int PerMessage = 8;

    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    /// <summary>Tokens of a text.</summary>
    public async ValueTask<int> OfAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        if (!_known.TryGetValue(text, out var count))
        {
            _known[text] = count = await model.CountTokens(text, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    /// <summary>Tokens of a prompt with its template.</summary>
    public async ValueTask<int> OfAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        var sum = PerMessage * (prompt.Messages.Count + prompt.Tools.Count);
        foreach (var part in prompt.Parts)
        {
            sum += await OfAsync(part.Text, cancellationToken).ConfigureAwait(false);
        }

        return sum;
    }
}

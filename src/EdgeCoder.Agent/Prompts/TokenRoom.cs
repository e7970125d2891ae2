using System.Globalization;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Prompts;

/// <summary>Whether a prompt and its answer fit the window: refused, never cut silently.</summary>
internal static class TokenRoom
{
    /// <summary>Tokens that a chat template adds around one message, an upper estimate over the families we know.</summary>
    private const int PerMessage = 8;

    /// <summary>Tokens kept free for the answer: a quarter of the window, at least 256 where half the window allows it, at most 4,096.</summary>
    public static int Reserved(int window) => Math.Clamp(Math.Min(window / 2, Math.Max(window / 4, 256)), 1, 4_096);

    /// <summary>
    /// Tokens that an answer may take after a prompt of <paramref name="tokens"/>. A part of the window stays free, because the provider counts
    /// its template exactly where this class estimates it, and refuses what would not fit.
    /// </summary>
    public static int ForAnswer(int window, int tokens) => window - tokens - Math.Max(16, window / 32);

    /// <summary>Tokens of a prompt with its template.</summary>
    public static async ValueTask<int> CountAsync(Prompt prompt, AgentModel model, CancellationToken cancellationToken) =>
        await model.CountTokens(prompt.Text, cancellationToken).ConfigureAwait(false) + (PerMessage * prompt.Messages.Count);

    /// <summary>A refusal that names the largest parts.</summary>
    public static async ValueTask<ModelFailure> ExplainAsync(Prompt prompt, int tokens, AgentModel model, CancellationToken cancellationToken)
    {
        var sizes = new List<(string Name, int Tokens)>();
        foreach (var part in prompt.Parts.Where(p => p.Text.Length > 0))
        {
            sizes.Add((part.Name, await model.CountTokens(part.Text, cancellationToken).ConfigureAwait(false)));
        }

        var largest = string.Join(", ", sizes.OrderByDescending(s => s.Tokens).Take(3).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Tokens:N0}")));
        return new ModelFailure(
            ModelFailure.ContextLength,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The {prompt.Name} prompt has {tokens:N0} tokens and {Reserved(model.Window):N0} are kept for the answer, but the window of {model.Identity.Id} is {model.Window:N0}. Largest parts: {largest}."),
            "Shorten the request, or use a model with a larger window.");
    }
}

using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama.Batching;

/// <summary>The rule that nothing is cut silently: prompt and reserved answer fit the window, or the request is refused.</summary>
internal static class ContextLength
{
    /// <summary><c>context_length_exceeded</c> with both numbers.</summary>
    public static ModelException Exceeded(int promptTokens, int reservedTokens, int window) => new(
        "context_length_exceeded",
        $"The prompt has {promptTokens} tokens and {reservedTokens} are reserved for the answer, but the window is {window}: {promptTokens + reservedTokens - window} too many.",
        "Shorten the request, ask for a shorter answer, or use a model with a larger context.");
}

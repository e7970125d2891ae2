namespace EdgeCoder.Inference.Llama.Contexts;

/// <summary>
/// How attention is computed. The library prefers its fused operation ("flash attention"). On a processor that is right for heads of 64 numbers
/// and more; for narrower ones, such as the demonstration model's, decoding takes 1.5 to 2.5 times as long as with plain matrix products
/// (measured with the C baseline of the benchmarks). Plain products need room for every head, prompt token and cached token.
/// </summary>
internal static class AttentionPolicy
{
    private const int NarrowHead = 64;
    private const long MostScoreBytes = 64 << 20;

    /// <summary>False for plain products, null for the library's choice.</summary>
    /// <param name="headWidth">Numbers of one head's key.</param>
    /// <param name="heads">Heads of a layer.</param>
    /// <param name="contextSize">Tokens of the context.</param>
    /// <param name="promptTokens">Prompt tokens that one step reads at most.</param>
    public static bool? Fused(int headWidth, int heads, int contextSize, int promptTokens) =>
        headWidth < NarrowHead && (long)heads * contextSize * promptTokens * sizeof(float) <= MostScoreBytes ? false : null;
}

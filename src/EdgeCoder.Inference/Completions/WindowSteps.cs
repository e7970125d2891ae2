namespace EdgeCoder.Inference.Completions;

/// <summary>The window that a request needs, in steps: a first use of a server's model proves just the step.</summary>
internal static class WindowSteps
{
    private const int Smallest = 4096;
    private const int Largest = 1 << 17;
    private const int Answer = 1024;

    // Texts of few characters a token are counted exactly later; this only chooses the step.
    private const int CharactersPerToken = 3;

    /// <summary>For a prompt of this many characters and an answer of this many tokens.</summary>
    public static int For(long characters, int? maxTokens)
    {
        var needed = (characters / CharactersPerToken) + (maxTokens ?? Answer);
        var step = Smallest;
        while (step < needed && step < Largest)
        {
            step *= 2;
        }

        return step;
    }
}

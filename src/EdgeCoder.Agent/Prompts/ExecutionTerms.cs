namespace EdgeCoder.Agent.Prompts;

/// <summary>What every prompt that leads to execution says about the sandbox.</summary>
/// <param name="Subset">What the subset accepts and refuses, generated from the executor's own table.</param>
/// <param name="Limits">The limits of a run, in words.</param>
internal sealed record ExecutionTerms(string Subset, string Limits)
{
    /// <summary>The paragraph.</summary>
    public string Text => $"{Subset.Trim()}\n{Limits}";
}

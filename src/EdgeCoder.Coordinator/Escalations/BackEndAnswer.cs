namespace EdgeCoder.Coordinator.Escalations;

/// <summary>What a back-end of the waterfall said to one try.</summary>
internal abstract record BackEndAnswer
{
    private BackEndAnswer()
    {
    }

    /// <summary>Code. It counts only once this coordinator has verified it.</summary>
    /// <param name="Code">Not empty.</param>
    /// <param name="Explanation">In words.</param>
    /// <param name="Model">Model that wrote it.</param>
    /// <param name="By">Peer that gave it.</param>
    public sealed record Candidate(string Code, string? Explanation, string? Model, string? By) : BackEndAnswer;

    /// <summary>It has the work and is not done.</summary>
    /// <param name="By">Peer that has it; it alone may hand in the result.</param>
    public sealed record Working(string By) : BackEndAnswer;

    /// <summary>It could not be reached, is too busy or failed inside: another try may work.</summary>
    public sealed record TryAgain(string Reason) : BackEndAnswer;

    /// <summary>It will not help.</summary>
    public sealed record Failed(string Reason) : BackEndAnswer;
}

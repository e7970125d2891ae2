namespace EdgeCoder.Training.Corpus;

/// <summary>How often each sort of example comes.</summary>
internal sealed record ExampleMix
{
    /// <summary>Share of requests to refuse, 0 to 1.</summary>
    public double Refusals { get; init; } = 0.25;

    /// <summary>Share of JavaScript among all, 0 to 1.</summary>
    public double JavaScript { get; init; } = 0.22;

    /// <summary>Share of requests that give the function's name, 0 to 1.</summary>
    public double GivenNames { get; init; } = 0.13;

    /// <summary>How many templates of the library are used; a test uses few.</summary>
    public int Templates { get; init; } = int.MaxValue;
}

using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Evaluation;

/// <summary>One request of the evaluation.</summary>
internal sealed record Trial
{
    /// <summary>The request alone, without kind and language.</summary>
    public required string Request { get; init; }

    /// <summary>Language asked for.</summary>
    public required Language Language { get; init; }

    /// <summary>What it means; null where the model must refuse.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Function name that the answers should have.</summary>
    public string Name { get; init; } = "";
}

/// <summary>What became of a request: its three answers and their verdict.</summary>
internal sealed record TrialOutcome
{
    /// <summary>The request.</summary>
    public required Trial Trial { get; init; }

    /// <summary>The answers to plan, tests and code.</summary>
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>Whether the code passes the reference asserts.</summary>
    public bool CodeIsRight { get; init; }

    /// <summary>Whether the model's code passes the model's own asserts.</summary>
    public bool OwnTestsPass { get; init; }

    /// <summary>Whether the model's asserts fail against a function that only raises.</summary>
    public bool TestsBite { get; init; }

    /// <summary>How many of the three answers, after the threshold, are the refusal.</summary>
    public required int Refusals { get; init; }
}

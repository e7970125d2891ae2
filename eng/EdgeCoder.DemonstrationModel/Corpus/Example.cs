namespace EdgeCoder.Training.Corpus;

/// <summary>One pair of the training text.</summary>
internal sealed record Example
{
    /// <summary>The user's line, kind and language included: <c>code python: reverse a string</c>.</summary>
    public required string Request { get; init; }

    /// <summary>The answer, word for word.</summary>
    public required string Answer { get; init; }

    /// <summary>What is asked for.</summary>
    public required AnswerKind Kind { get; init; }

    /// <summary>Language of the answer.</summary>
    public required Language Language { get; init; }

    /// <summary>The problem asked about; null where the answer is the refusal.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Function name in the answer; empty for a refusal.</summary>
    public string Name { get; init; } = "";
}

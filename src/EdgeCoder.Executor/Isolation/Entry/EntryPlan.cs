namespace EdgeCoder.Executor.Isolation.Entry;

/// <summary>What the entry program of one run does.</summary>
internal sealed record EntryPlan
{
    /// <summary>The interpreter's file, as the sandbox sees it.</summary>
    public required string Interpreter { get; init; }

    /// <summary>Argument vector, the interpreter's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Bytes of the scratch directory.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>Files and directories of the scratch directory.</summary>
    public required int ScratchFiles { get; init; }

    /// <summary>Every resource limit: soft, hard.</summary>
    public required IReadOnlyDictionary<ResourceLimit, (ulong Soft, ulong Hard)> Limits { get; init; }
}

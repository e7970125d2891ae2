using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>How one run of a frozen check ended.</summary>
internal enum CheckRunEnd
{
    /// <summary>It passed, and enough tests ran.</summary>
    Passed,

    /// <summary>It ran and failed, or a limit ended it.</summary>
    Failed,

    /// <summary>Its exit code says that it passed and its report does not show enough tests that ran.</summary>
    TestsMissing,

    /// <summary>It did not run: this machine has no isolation for it. Says nothing about the result.</summary>
    Unavailable,
}

/// <summary>What a run met that concerns the safety of machines, whatever follows for the result.</summary>
internal enum CheckIncident
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The code under test was refused before running: outside of the subset.</summary>
    RefusedByRules,

    /// <summary>It ran into its time limit.</summary>
    Timeout,

    /// <summary>It made a system call that ends a program.</summary>
    BlockedCall,
}

/// <summary>One run of a frozen check.</summary>
internal sealed record CheckRun
{
    /// <summary>How it ended.</summary>
    public required CheckRunEnd End { get; init; }

    /// <summary>Tests that ran, by this side's own reading: skipped ones did not.</summary>
    public int TestsRun { get; init; }

    /// <summary>Tests that passed.</summary>
    public int TestsPassed { get; init; }

    /// <summary>The cases by name, to compare two runs.</summary>
    public IReadOnlyDictionary<string, TestStatus> Cases { get; init; } = new Dictionary<string, TestStatus>();

    /// <summary>Sandbox that it ran in.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>Whether the check itself does not parse or is refused: then no result can pass it.</summary>
    public bool CheckIsBroken { get; init; }

    /// <summary>What it met.</summary>
    public CheckIncident Incident { get; init; }

    /// <summary>What it printed and which cases failed, for the submitter.</summary>
    public string Log { get; init; } = "";

    /// <summary>Whether another run of the same tree says the same.</summary>
    public bool AgreesWith(CheckRun other) =>
        End == other.End && Cases.Count == other.Cases.Count && Cases.All(one => other.Cases.TryGetValue(one.Key, out var status) && status == one.Value);
}

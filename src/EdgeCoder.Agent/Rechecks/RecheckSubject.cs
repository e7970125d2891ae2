using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>A result to run again, as coordinator and agents with a verify or audit lease do it.</summary>
internal sealed record RecheckSubject
{
    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>The result as the agent signed it.</summary>
    public required ResultReport Report { get; init; }

    /// <summary>Digest of the check, as the lease names it.</summary>
    public string? CheckDigest { get; init; }

    /// <summary>The frozen check with its overlay; null when there is none.</summary>
    public AcceptanceCheck? Check { get; init; }

    /// <summary>Snapshot, as the lease names it.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>Tests that ran in the baseline.</summary>
    public int BaselineTests { get; init; }
}

/// <summary>What running it again found.</summary>
internal sealed record RecheckFinding
{
    /// <summary>Outcome.</summary>
    public required VerdictKind Kind { get; init; }

    /// <summary>One of <see cref="VerdictReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Tests that ran, by this side's own count.</summary>
    public int TestsRun { get; init; }

    /// <summary>Tests that passed.</summary>
    public int TestsPassed { get; init; }

    /// <summary>Sandbox.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>What the run met.</summary>
    public CheckIncident Incident { get; init; }

    /// <summary>For the submitter; never for the worker, it may show hidden tests.</summary>
    public string Log { get; init; } = "";
}

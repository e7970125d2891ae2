using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>A result to run again, with everything a verifier needs.</summary>
internal sealed record VerificationJob
{
    /// <summary>The lease as it reads.</summary>
    public required Lease Lease { get; init; }

    /// <summary>verify, or audit of an accepted result.</summary>
    public required LeasePurpose Purpose { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>Limit of each run.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>The result as the agent signed it, in the clear.</summary>
    public required ResultReport Report { get; init; }

    /// <summary>The frozen check with its overlay; null when there is none.</summary>
    public AcceptanceCheck? Check { get; init; }

    /// <summary>Snapshot; null for a snippet.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>Tests that the baseline saw.</summary>
    public int BaselineTests { get; init; }

    /// <summary>Owner of the task's account.</summary>
    public required string RequesterAccountId { get; init; }

    /// <summary>Owner of the worker.</summary>
    public required string WorkerAccountId { get; init; }

    /// <summary>Inconclusive tries so far.</summary>
    public int Inconclusive { get; init; }
}

/// <summary>What a verifier found, before it is signed.</summary>
internal sealed record CheckFinding
{
    /// <summary>Outcome.</summary>
    public required VerdictKind Kind { get; init; }

    /// <summary>One of <see cref="VerdictReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Tests that ran.</summary>
    public int TestsRun { get; init; }

    /// <summary>Tests that passed.</summary>
    public int TestsPassed { get; init; }

    /// <summary>Sandbox.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>Blob with the output of the run.</summary>
    public string? LogsDigest { get; init; }

    /// <summary>What the run met.</summary>
    public CheckIncident Incident { get; init; }
}

/// <summary>A verdict ready to take effect.</summary>
/// <param name="Verdict">As it reads.</param>
/// <param name="Signed">Its exact signed bytes.</param>
/// <param name="AuditDrawn">Whether the draw of coordinator-and-mesh 5.3 chose this attempt for an audit.</param>
/// <param name="Auditor">What the draw says about the auditor, 64 bits; means something only when the attempt was drawn.</param>
/// <param name="Incident">What this coordinator's own run met.</param>
internal sealed record ConcludedVerification(Verdict Verdict, ReadOnlyMemory<byte> Signed, bool AuditDrawn, long Auditor = 0, CheckIncident Incident = CheckIncident.None);

/// <summary>A check to try on the untouched snapshot, or on a stub that always raises.</summary>
internal sealed record BaselineJob(string TaskId, string SubtaskId, SubtaskKind Kind, string Language, int TimeoutMs, AcceptanceCheck Check, string? SnapshotDigest);

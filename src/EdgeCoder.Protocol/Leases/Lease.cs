using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Leases;

/// <summary>What a lease is for.</summary>
[JsonConverter(typeof(SnakeCaseEnum<LeasePurpose>))]
public enum LeasePurpose
{
    /// <summary>Doing the subtask.</summary>
    Work,

    /// <summary>Running a result again where the coordinator may not.</summary>
    Verify,

    /// <summary>Running an accepted result again, drawn at random.</summary>
    Audit,
}

/// <summary>
/// The right to one attempt (coordinator-and-mesh 4.4): a signed document of context <c>edgecoder/lease/v1</c>. The signed bytes travel as they are,
/// in base64, in <see cref="Assignment.SignedLease"/>; this record is how they read.
/// </summary>
public sealed record Lease
{
    /// <summary>Version, 1.</summary>
    public int V { get; set; } = 1;

    /// <summary>16 random bytes, base64url.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; init; }

    /// <summary>1 for the first try.</summary>
    public required int Attempt { get; init; }

    /// <summary>What for.</summary>
    public required LeasePurpose Purpose { get; init; }

    /// <summary>Who holds it.</summary>
    public required string AgentId { get; init; }

    /// <summary>The coordinator that owns the task.</summary>
    public required string HomeCoordinatorId { get; init; }

    /// <summary>Grant.</summary>
    public required long GrantedAtMs { get; init; }

    /// <summary>It ends here unless a heartbeat extends it: min(now + 60,000, hard).</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>Nothing extends it beyond: grant + attemptTimeoutMs + 30,000.</summary>
    public required long HardDeadlineMs { get; init; }

    /// <summary>What it can cost.</summary>
    public required LeasePrice Price { get; init; }

    /// <summary>SHA-256 of inputSalt ‖ input, so that a hash in a log betrays no short prompt.</summary>
    public required string InputHash { get; init; }

    /// <summary>Snapshot.</summary>
    public string? SnapshotDigest { get; init; }

    /// <summary>Acceptance check.</summary>
    public string? CheckDigest { get; init; }

    /// <summary>Audit window whose seed was committed before.</summary>
    public required string AuditWindowId { get; init; }

    /// <summary>Consecutive valid results of the agent here, at the grant.</summary>
    public required int Cv { get; init; }

    /// <summary>Signature of the home coordinator.</summary>
    public string? Signature { get; init; }
}

/// <summary>Price terms, fixed at the grant; economy-and-ledger 3.1.</summary>
/// <param name="CapMc">Most it can cost, in millicredits.</param>
/// <param name="QualityBps">Quality, 10,000 = 1.</param>
/// <param name="LoadBps">Load.</param>
/// <param name="ModelBps">Model size.</param>
public sealed record LeasePrice(long CapMc, int QualityBps, int LoadBps, int ModelBps);

namespace EdgeCoder.Coordinator.Agents;

/// <summary>
/// An enrolled node: its key, what it says of itself and what was decided about it. What changes with every heartbeat is in <see cref="AgentSightingRow"/>.
/// Its state (<see cref="AgentStatus"/>) is no column: it follows from these facts and the clock (<see cref="AgentStates"/>), so that a suspension ends
/// and a silent agent goes offline without anybody writing.
/// </summary>
internal sealed record AgentRow
{
    /// <summary>The node.</summary>
    public required string AgentId { get; init; }

    /// <summary>Grows by one with each change of the row: how a kept copy is known to be old.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>Ed25519, SPKI PEM.</summary>
    public required string PublicKeyPem { get; init; }

    /// <summary>Hex SHA-256 of the key's SPKI bytes.</summary>
    public required string PublicKeySha256 { get; init; }

    /// <summary>First 16 hex digits of SHA-256 of the raw key.</summary>
    public required string KeyId { get; init; }

    /// <summary>X25519, base64; null without a valid binding to the present key.</summary>
    public string? X25519PublicKey { get; init; }

    /// <summary>Whether it ever had an X25519 key: then nothing goes to it in the clear.</summary>
    public bool EverSealed { get; init; }

    /// <summary>Owner's account.</summary>
    public required string OwnerAccountId { get; init; }

    /// <summary>Account that is paid.</summary>
    public required string RewardAccountId { get; init; }

    /// <summary>Tenants of the owner, one a line.</summary>
    public string Tenants { get; init; } = "";

    /// <summary>Who decides about it: <c>portal</c>, <c>table</c> (this coordinator's enrolments) or <c>process</c> (embedded worker).</summary>
    public required string EnrolledBy { get; init; }

    /// <summary>Whether it may work, by an operator's or the portal's word.</summary>
    public bool Approved { get; init; }

    /// <summary>Why it was approved, or is not.</summary>
    public string? ApprovalReason { get; init; }

    /// <summary>Finishes what it has.</summary>
    public bool Draining { get; init; }

    /// <summary>Why it is suspended; null when it is not.</summary>
    public string? SuspendReason { get; init; }

    /// <summary>When the suspension ends by itself; null: when it is lifted.</summary>
    public long? SuspendedUntilMs { get; init; }

    /// <summary>When the quarantine ends by itself; null without one.</summary>
    public long? QuarantinedUntilMs { get; init; }

    /// <summary>Rule that led to it.</summary>
    public string? QuarantineRule { get; init; }

    /// <summary>Strikes before this moment count no more: an operator looked at them.</summary>
    public long StrikesFromMs { get; init; }

    /// <summary>Consecutive valid results of the present key here.</summary>
    public int Cv { get; init; }

    /// <summary>Faults of the present key here, ever.</summary>
    public int Faults { get; init; }

    /// <summary>debian, ubuntu, linux, windows, macos, ios, android.</summary>
    public required string Os { get; init; }

    /// <summary>Version of its program.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary><c>swarm-only</c> or <c>ide-enabled</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Device.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Kind of client.</summary>
    public required string ClientType { get; init; }

    /// <summary>Where its models run.</summary>
    public required string LocalModelProvider { get; init; }

    /// <summary>Slots it declared.</summary>
    public required int MaxConcurrentTasks { get; init; }

    /// <summary>none, namespaces, landlock, ….</summary>
    public required string SandboxMode { get; init; }

    /// <summary>Digest of the sandbox's parts.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>Proven models, JSON.</summary>
    public string ModelsJson { get; init; } = "[]";

    /// <summary>verified, unverified, signature_mismatch, hash_mismatch.</summary>
    public required string Integrity { get; init; }

    /// <summary>Policy of the operator for this agent, JSON; null: the fleet's.</summary>
    public string? OperatorPolicyJson { get; init; }

    /// <summary>Policy of the owner, JSON.</summary>
    public string? OwnerPolicyJson { get; init; }

    /// <summary>Address of the last registration. For operators only; decides nothing.</summary>
    public string? SourceIp { get; init; }

    /// <summary>When the present key was bound.</summary>
    public required long BoundAtMs { get; init; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; init; }
}

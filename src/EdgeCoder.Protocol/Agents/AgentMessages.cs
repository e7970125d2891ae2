using System.Text.Json;

namespace EdgeCoder.Protocol.Agents;

/// <summary>Body of <c>POST /register</c> (coordinator-and-mesh 3.1), signed with the key in it.</summary>
public sealed record RegisterRequest
{
    /// <summary>The node.</summary>
    public string? AgentId { get; init; }

    /// <summary>debian, ubuntu, linux, windows, macos, ios, android.</summary>
    public string? Os { get; init; }

    /// <summary>Version of the program.</summary>
    public string? Version { get; init; }

    /// <summary><c>swarm-only</c> or <c>ide-enabled</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Ed25519, SPKI PEM.</summary>
    public string? PublicKeyPem { get; init; }

    /// <summary>X25519, base64 of 32 bytes.</summary>
    public string? X25519PublicKey { get; init; }

    /// <summary>Signature of <c>{v:1,agentId,x25519PublicKey}</c>, context <c>edgecoder/x25519/v1</c>.</summary>
    public string? X25519Signature { get; init; }

    /// <summary>One use.</summary>
    public string? RegistrationToken { get; init; }

    /// <summary>Signed rotation statement, exact bytes in base64 (context <c>edgecoder/agent-rotation/v1</c>).</summary>
    public string? Rotation { get; init; }

    /// <summary>Last enrolment statement of another coordinator, exact bytes in base64.</summary>
    public string? Enrolment { get; init; }

    /// <summary>3 to 128.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Default <c>edgecoder-native</c>.</summary>
    public string? ClientType { get; init; }

    /// <summary>Default <c>edgecoder-local</c>.</summary>
    public string? LocalModelProvider { get; init; }

    /// <summary>1 to 64, default 1.</summary>
    public int? MaxConcurrentTasks { get; init; }

    /// <summary>Power.</summary>
    public PowerTelemetry? PowerTelemetry { get; init; }

    /// <summary>none, namespaces, landlock, seatbelt, appcontainer, wsl2, docker, vm. Default none.</summary>
    public string? SandboxMode { get; init; }

    /// <summary>Digest of the sandbox's parts.</summary>
    public string? SandboxDigest { get; init; }

    /// <summary>Proven models.</summary>
    public IReadOnlyList<AgentModelClaim>? Models { get; init; }

    /// <summary>What the program is.</summary>
    public BinaryIntegrity? BinaryIntegrity { get; init; }
}

/// <summary>A model that an agent's preflight has proven; a claim for placement.</summary>
public sealed record AgentModelClaim(string ModelId, string? Digest, int? ProvenContext, string? ToolForm, double? DecodeTokensPerSecond);

/// <summary>What the agent's program is.</summary>
public sealed record BinaryIntegrity(string? DistHash, string? ReleaseVersion, string? ReleaseSignature, string? DistributionChannel);

/// <summary>Power readings, all optional (coordinator-and-mesh 7).</summary>
public sealed record PowerTelemetry
{
    /// <summary>Phone: on a charger.</summary>
    public bool? OnExternalPower { get; init; }

    /// <summary>Phone: low-power mode.</summary>
    public bool? LowPowerMode { get; init; }

    /// <summary>Phone: 0 to 100.</summary>
    public double? BatteryLevelPct { get; init; }

    /// <summary>On mains.</summary>
    public bool? OnACPower { get; init; }

    /// <summary>0 to 100.</summary>
    public double? BatteryPct { get; init; }

    /// <summary>Busy share of the last 15 s less the agent's own sandbox load, 0 to 100.</summary>
    public double? CpuUsagePct { get; init; }

    /// <summary>0 to 100.</summary>
    public double? MemoryUsagePct { get; init; }

    /// <summary>nominal, fair, serious, critical.</summary>
    public string? ThermalState { get; init; }

    /// <summary>desktop, laptop, phone, tablet, server.</summary>
    public string? DeviceType { get; init; }

    /// <summary>When it was read.</summary>
    public long? UpdatedAtMs { get; init; }
}

/// <summary>What an agent may do, as the stricter of operator and owner set it.</summary>
public sealed record AgentPolicy
{
    /// <summary>Default 50.</summary>
    public int CpuCapPercent { get; set; } = 50;

    /// <summary>Default 2,048.</summary>
    public int MemoryLimitMb { get; set; } = 2048;

    /// <summary>Only when the machine is idle (cpuUsagePct known and at most 20).</summary>
    public bool IdleOnly { get; init; }

    /// <summary>Default: what the agent declared.</summary>
    public int MaxConcurrentTasks { get; set; } = 1;

    /// <summary>Equal hours mean always; start after end wraps midnight.</summary>
    public AllowedHours AllowedHours { get; set => field = value ?? new(0, 0); } = new(0, 0);
}

/// <summary>Hours of the day in UTC, 0 to 23.</summary>
public sealed record AllowedHours(int StartHourUtc, int EndHourUtc);

/// <summary>Answer of <c>POST /register</c>.</summary>
public sealed record RegisterAnswer(bool Accepted, string Status, AgentPolicy Policy, string Mode, string CoordinatorPublicKey);

/// <summary>Body of <c>POST /heartbeat</c>; absent members keep the stored value.</summary>
public sealed record HeartbeatRequest
{
    /// <summary>The signer.</summary>
    public string? AgentId { get; init; }

    /// <summary>Slots in use.</summary>
    public int? BusySlots { get; init; }

    /// <summary>Leases it holds; a lease older than 30 s that is not listed is released as undelivered.</summary>
    public IReadOnlyList<HeldLease>? Leases { get; init; }

    /// <summary>Notices it has seen.</summary>
    public IReadOnlyList<string>? AckIds { get; init; }

    /// <summary>Power.</summary>
    public PowerTelemetry? PowerTelemetry { get; init; }

    /// <summary>Model in use.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>Its parameters.</summary>
    public long? ActiveModelParamSize { get; init; }

    /// <summary>Whether models are being exchanged.</summary>
    public bool? ModelSwapInProgress { get; init; }

    /// <summary>Digest of the model in use.</summary>
    public string? ModelDigest { get; init; }

    /// <summary>Its proven window.</summary>
    public int? ProvenContext { get; init; }

    /// <summary>How it calls tools.</summary>
    public string? ToolForm { get; init; }

    /// <summary>Its speed.</summary>
    public double? DecodeTokensPerSecond { get; init; }

    /// <summary>Proven models.</summary>
    public IReadOnlyList<AgentModelClaim>? Models { get; init; }

    /// <summary>Sandbox.</summary>
    public string? SandboxMode { get; init; }

    /// <summary>Its digest.</summary>
    public string? SandboxDigest { get; init; }
}

/// <summary>A lease in a heartbeat.</summary>
public sealed record HeldLease(string? LeaseId, int? Step, string? Message);

/// <summary>Answer of <c>POST /heartbeat</c>.</summary>
public sealed record HeartbeatAnswer
{
    /// <summary>False for a blacklisted agent.</summary>
    public required bool Ok { get; init; }

    /// <summary>True for a blacklisted agent.</summary>
    public bool? Blacklisted { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Version of the blacklist.</summary>
    public long? BlacklistVersion { get; init; }

    /// <summary>State of the agent.</summary>
    public string? Status { get; init; }

    /// <summary>Leases of this agent that expired since its last heartbeat.</summary>
    public int? Requeued { get; init; }

    /// <summary>Policy in force.</summary>
    public AgentPolicy? Policy { get; init; }

    /// <summary>What became of each lease listed.</summary>
    public IReadOnlyList<LeaseStanding>? Leases { get; init; }

    /// <summary>A model rollout that waits for this agent.</summary>
    public JsonElement? Orchestration { get; init; }

    /// <summary>Tunnels offered.</summary>
    public IReadOnlyList<JsonElement>? TunnelInvites { get; init; }

    /// <summary>Tunnels closed.</summary>
    public IReadOnlyList<JsonElement>? TunnelCloseNotices { get; init; }

    /// <summary>Work offered by other agents.</summary>
    public IReadOnlyList<JsonElement>? DirectWorkOffers { get; init; }

    /// <summary>Whom to refuse.</summary>
    public BlacklistSummary? Blacklist { get; init; }

    /// <summary><c>public_mesh</c> or <c>enterprise_overlay</c>.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>This agent's enrolment statement, exact signed bytes in base64; valid 7 days.</summary>
    public string? Enrolment { get; init; }
}

/// <summary>What became of a lease.</summary>
/// <param name="LeaseId">The lease.</param>
/// <param name="DeadlineMs">Its deadline now.</param>
/// <param name="State"><c>held</c>, <c>revoked</c> or <c>unknown</c>.</param>
public sealed record LeaseStanding(string LeaseId, long DeadlineMs, string State);

/// <summary>Unexpired blacklist entries.</summary>
public sealed record BlacklistSummary(long Version, IReadOnlyList<string> Agents);

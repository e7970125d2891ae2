using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Power;
using Orleans;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>States of an agent (coordinator-and-mesh 3.2).</summary>
internal enum AgentStatus
{
    /// <summary>Bound, waits for approval.</summary>
    PendingApproval,

    /// <summary>May lease.</summary>
    Active,

    /// <summary>Three heartbeats missed.</summary>
    Offline,

    /// <summary>Finishes what it has.</summary>
    Draining,

    /// <summary>By an operator, until lifted or expired.</summary>
    Suspended,

    /// <summary>By rule; open leases finish.</summary>
    Quarantined,

    /// <summary>Refused.</summary>
    Blacklisted,

    /// <summary>Unseen for 30 days.</summary>
    Archived,
}

/// <summary>
/// What eligibility looks at, for one agent at one moment: values only, so that it can go to any silo and be judged without a clock.
/// Built from the agent's row by <c>AgentDirectory</c>; slots are counted by the queue, which owns the leases.
/// </summary>
[GenerateSerializer, Immutable]
internal sealed record AgentFacts
{
    /// <summary>The agent.</summary>
    [Id(0)] public required string AgentId { get; init; }

    /// <summary>Its owner's account; rewards go to <see cref="RewardAccountId"/>.</summary>
    [Id(1)] public required string OwnerAccountId { get; init; }

    /// <summary>Account that is paid.</summary>
    [Id(2)] public required string RewardAccountId { get; init; }

    /// <summary>Tenants of the owner.</summary>
    [Id(3)] public required IReadOnlyList<string> Tenants { get; init; }

    /// <summary>State.</summary>
    [Id(4)] public required AgentStatus Status { get; init; }

    /// <summary>Whether its program's integrity is <c>verified</c>.</summary>
    [Id(5)] public required bool Verified { get; init; }

    /// <summary>Whether a peer vouches for it, instead of it being enrolled here.</summary>
    [Id(6)] public bool OfPeer { get; init; }

    /// <summary>none, namespaces, landlock, …; <c>none</c> when unproven.</summary>
    [Id(7)] public required string SandboxMode { get; init; }

    /// <summary>Proven models, exact ids.</summary>
    [Id(8)] public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Parameters of the model in use; 0 when unknown.</summary>
    [Id(9)] public required long ModelParameters { get; init; }

    /// <summary>Whether models are being exchanged.</summary>
    [Id(10)] public required bool ModelSwapInProgress { get; init; }

    /// <summary>X25519 key, base64, with a valid binding; null without.</summary>
    [Id(11)] public string? EnvelopeKey { get; init; }

    /// <summary>Whether the request came over a loopback socket: the only case where plain work may go.</summary>
    [Id(12)] public required bool Loopback { get; init; }

    /// <summary>What the power policy says now, of the readings it has.</summary>
    [Id(13)] public required PowerDecision Power { get; init; }

    /// <summary>Policy in force.</summary>
    [Id(14)] public required PolicyFacts Policy { get; init; }

    /// <summary>CPU load, 0 to 100, when known and fresh.</summary>
    [Id(15)] public double? CpuUsagePct { get; init; }

    /// <summary>Consecutive valid results of its key here.</summary>
    [Id(16)] public required int Cv { get; init; }

    /// <summary>First 16 hex digits of SHA-256 of its Ed25519 key.</summary>
    [Id(17)] public required string KeyId { get; init; }

    /// <summary>Slots it declared.</summary>
    [Id(18)] public required int DeclaredSlots { get; init; }

    /// <summary>Why it is in that state: reason of the ban, the suspension, the quarantine or the missing approval; null when there is none.</summary>
    [Id(19)] public string? StatusReason { get; init; }

    /// <summary>Operating system, as registered.</summary>
    [Id(20)] public string Os { get; init; } = "linux";

    /// <summary>Last valid signed request.</summary>
    [Id(21)] public long LastSeenMs { get; init; }
}

/// <summary><see cref="AgentPolicy"/> as values.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct PolicyFacts([property: Id(0)] bool IdleOnly, [property: Id(1)] int MaxConcurrentTasks, [property: Id(2)] int StartHourUtc, [property: Id(3)] int EndHourUtc);

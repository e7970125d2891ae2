using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>Body of <c>…/approval</c>.</summary>
internal sealed record ApprovalRequest(bool? Approved, string? Reason);

/// <summary>Body of <c>…/suspend</c>.</summary>
internal sealed record SuspendRequest(string? Reason, long? UntilMs);

/// <summary>Body of <c>…/keep</c>.</summary>
internal sealed record KeepRequest(string? Reason);

/// <summary>Body of <c>…/drain</c>.</summary>
internal sealed record DrainRequest(bool? Draining);

/// <summary>Body of <c>/admin/coordinator/pause</c>.</summary>
internal sealed record PauseRequest(bool? Paused, string? Reason);

/// <summary>What an operator's change has led to.</summary>
internal sealed record AgentOperated(bool Ok, string AgentId, string Status, string? Reason);

/// <summary>Answer of the pause route.</summary>
internal sealed record PauseAnswer(bool Ok, bool Paused, string? Reason);

/// <summary>Answer of the policy routes: what is in force.</summary>
internal sealed record PolicyAnswer(bool Ok, AgentPolicy? Policy, PolicySetting? Fleet);

/// <summary>Agents as an operator lists them.</summary>
internal sealed record AgentList(IReadOnlyList<AgentListing> Agents, string? NextCursor);

/// <summary>One agent with everything that <c>explain</c> judges by.</summary>
internal sealed record AgentListing
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>State.</summary>
    public required string Status { get; init; }

    /// <summary>Why.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Whether a lease could be granted as far as the agent itself goes; <see cref="Rule"/> says why not.</summary>
    public required bool CanLease { get; init; }

    /// <summary>First rule that excludes it from any work.</summary>
    public string? Rule { get; init; }

    /// <summary>Rule in words, with the next step.</summary>
    public string? Message { get; init; }

    /// <summary>Owner.</summary>
    public required string OwnerAccountId { get; init; }

    /// <summary>Tenants of the owner.</summary>
    public required IReadOnlyList<string> Tenants { get; init; }

    /// <summary>portal, table or process.</summary>
    public required string EnrolledBy { get; init; }

    /// <summary>Operating system.</summary>
    public required string Os { get; init; }

    /// <summary>Version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>Mode.</summary>
    public required string Mode { get; init; }

    /// <summary>Slots declared.</summary>
    public required int MaxConcurrentTasks { get; init; }

    /// <summary>Slots in use, by its own word.</summary>
    public required int BusySlots { get; init; }

    /// <summary>Sandbox.</summary>
    public required string SandboxMode { get; init; }

    /// <summary>Proven models.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Model in use.</summary>
    public string? ActiveModel { get; init; }

    /// <summary>Whether work can be sealed for it.</summary>
    public required bool Sealed { get; init; }

    /// <summary>Integrity of its program.</summary>
    public required string VerificationStatus { get; init; }

    /// <summary>What the power policy says.</summary>
    public required PowerListing PowerPolicy { get; init; }

    /// <summary>Policy in force.</summary>
    public required AgentPolicy Policy { get; init; }

    /// <summary>Consecutive valid results.</summary>
    public required int Cv { get; init; }

    /// <summary>Faults of its present key.</summary>
    public required int Faults { get; init; }

    /// <summary>Fingerprint of its key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Last valid signed request.</summary>
    public required long LastSeenMs { get; init; }

    /// <summary>End of a suspension or quarantine.</summary>
    public long? UntilMs { get; init; }
}

/// <summary>Outcome of the power policy.</summary>
internal sealed record PowerListing(bool CoordinatorWork, bool PeerWork, string Reason, int? DeferMs, bool SmallTasksOnly);

/// <summary>Messages of operators.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApprovalRequest))]
[JsonSerializable(typeof(SuspendRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(KeepRequest))]
[JsonSerializable(typeof(AgentOperated))]
[JsonSerializable(typeof(PauseAnswer))]
[JsonSerializable(typeof(PolicySetting))]
[JsonSerializable(typeof(PolicyAnswer))]
[JsonSerializable(typeof(AgentList))]
[JsonSerializable(typeof(BehaviorAnswer))]
internal sealed partial class OperatorJson : JsonSerializerContext;

/// <summary>Answer of <c>GET /admin/agents/{agentId}/behavior</c> (economy-and-ledger 15).</summary>
internal sealed record BehaviorAnswer(string AgentId, BehaviourView Stats, IReadOnlyList<StrikeView> Anomalies, long StrikeCount, QuarantineView? Quarantine);

/// <summary>A strike, or with weight 0 what only informs.</summary>
internal sealed record StrikeView(string RuleId, int Weight, long AtMs);

/// <summary>A quarantine in force; with why an operator keeps it, once one has looked.</summary>
internal sealed record QuarantineView(string? RuleId, long UntilMs, string? KeptFor);

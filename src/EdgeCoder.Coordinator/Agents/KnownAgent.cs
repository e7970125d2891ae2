using System.Text.Json;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Power;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>An agent's row with what its JSON says, read once.</summary>
internal sealed class KnownAgent
{
    private VerifyingKey? _key;

    /// <summary>Reads a row.</summary>
    public KnownAgent(AgentRow row)
    {
        Row = row;
        Claims = JsonSerializer.Deserialize(row.ModelsJson, AgentJson.Default.IReadOnlyListAgentModelClaim) ?? [];
        Models = [.. Claims.Where(c => c is { ModelId.Length: > 0, ProvenContext: > 0 }).Select(c => c.ModelId).Distinct(StringComparer.Ordinal)];
        Tenants = row.Tenants.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        OperatorPolicy = Policy(row.OperatorPolicyJson);
        OwnerPolicy = Policy(row.OwnerPolicyJson);
    }

    /// <summary>The row.</summary>
    public AgentRow Row { get; }

    /// <summary>Its key; null where the stored text is no key, which then opens nothing.</summary>
    public VerifyingKey? Key => _key ??= VerifyingKey.TryParse(Row.PublicKeyPem, out var key) ? key : null;

    /// <summary>What it says of its models.</summary>
    public IReadOnlyList<AgentModelClaim> Claims { get; }

    /// <summary>Ids of models with a proven window.</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>Tenants of its owner.</summary>
    public IReadOnlyList<string> Tenants { get; }

    /// <summary>Operator's word for this agent.</summary>
    public PolicySetting? OperatorPolicy { get; }

    /// <summary>Owner's word.</summary>
    public PolicySetting? OwnerPolicy { get; }

    /// <summary>The policy in force.</summary>
    public AgentPolicy PolicyUnder(PolicySetting? fleet) => PolicyRules.Join(fleet, OperatorPolicy, OwnerPolicy, Row.MaxConcurrentTasks);

    /// <summary>What eligibility looks at, at one moment.</summary>
    public AgentFacts Facts(AgentSighting sighting, BlacklistEntryRow? ban, PolicySetting? fleet, PowerSettings power, bool loopback, long nowMs)
    {
        var lastSeenMs = Math.Max(sighting.LastSeenMs, Row.BoundAtMs);
        var (status, reason) = AgentStates.Of(Row, lastSeenMs, ban, nowMs);
        var policy = PolicyUnder(fleet);
        return new()
        {
            AgentId = Row.AgentId,
            OwnerAccountId = Row.OwnerAccountId,
            RewardAccountId = Row.RewardAccountId,
            Tenants = Tenants,
            Status = status,
            StatusReason = reason,
            Verified = Row.Integrity is "verified",
            SandboxMode = Row.SandboxMode,
            Models = Models,
            ModelParameters = sighting.ActiveModelParamSize,
            ModelSwapInProgress = sighting.ModelSwapInProgress,
            EnvelopeKey = Row.X25519PublicKey,

            // Once it had an X25519 key nothing goes to it in the clear, over loopback neither (coordinator-and-mesh 6).
            Loopback = loopback && !Row.EverSealed,
            Power = PowerPolicy.Decide(Row.Os, sighting.Power, sighting.LastAssignmentMs, nowMs, power),
            Policy = new(policy.IdleOnly, policy.MaxConcurrentTasks, policy.AllowedHours.StartHourUtc, policy.AllowedHours.EndHourUtc),
            CpuUsagePct = sighting.Power?.Known(nowMs).CpuUsagePct,
            Cv = Row.Cv,
            KeyId = Row.KeyId,
            DeclaredSlots = Row.MaxConcurrentTasks,
            Os = Row.Os,
            LastSeenMs = lastSeenMs,
        };
    }

    private static PolicySetting? Policy(string? json) => json is null ? null : JsonSerializer.Deserialize(json, AgentJson.Default.PolicySetting);
}

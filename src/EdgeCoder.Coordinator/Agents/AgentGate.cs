using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>What an agent that may not work is told (coordinator-and-mesh 4.4, first two rows; economy-and-ledger 14, effects).</summary>
internal static class AgentGate
{
    /// <summary>The answer to a pull that no work can change: state first, then power. Null when the agent may be given work.</summary>
    public static PullAnswer? BlockOf(AgentFacts agent) => agent switch
    {
        { Status: AgentStatus.Blacklisted } => Blocked("agent_blacklisted"),
        { Status: AgentStatus.Quarantined } => Blocked("quarantined"),
        { Status: AgentStatus.Suspended } => Blocked("agent_suspended"),
        { Status: AgentStatus.PendingApproval } => Blocked("agent_pending_approval"),
        { Status: AgentStatus.Draining } => Blocked("agent_draining"),
        { Power: { CoordinatorWork: false } power } => new() { PowerDeferred = true, Reason = power.Reason },
        { Power: { DeferMs: { } deferMs } power } => new() { PowerDeferred = true, Reason = power.Reason, DeferMs = deferMs },
        _ => null,
    };

    /// <summary>Refuses a blacklisted agent: 403 <c>agent_blacklisted</c> with the reason of its ban.</summary>
    public static void RefuseBlacklisted(AgentFacts agent)
    {
        if (agent.Status is AgentStatus.Blacklisted)
        {
            throw Banned(agent.StatusReason);
        }
    }

    /// <summary>403 <c>agent_blacklisted</c>.</summary>
    public static Refusal Banned(string? reason) =>
        new(403, "agent_blacklisted", "This agent is blacklisted. Its owner can appeal with the agent's own key, or ask the operator of this coordinator.") { Reason = reason };

    private static PullAnswer Blocked(string reason) => new() { Blocked = true, Reason = reason };
}

using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>The forms of an answer to a pull, in the order of coordinator-and-mesh 4.4.</summary>
internal static class PullAnswers
{
    /// <summary>What an agent hears at once whatever waits; null when it may lease.</summary>
    public static PullAnswer? Refused(AgentFacts agent)
    {
        var blocked = agent.Status switch
        {
            AgentStatus.Blacklisted => "agent_blacklisted",
            AgentStatus.Quarantined => "quarantined",
            AgentStatus.Suspended => "agent_suspended",
            AgentStatus.PendingApproval => "agent_pending_approval",
            AgentStatus.Draining => "agent_draining",
            _ => null,
        };
        return blocked is not null ? new() { Blocked = true, Reason = blocked }
            : !agent.Power.CoordinatorWork ? new() { PowerDeferred = true, Reason = agent.Power.Reason }
            : agent.Power.DeferMs is { } defer ? new() { PowerDeferred = true, Reason = agent.Power.Reason, DeferMs = defer }
            : null;
    }

    /// <summary>Work; one lease is mirrored on top for agents that did not name a number.</summary>
    public static PullAnswer Work(List<Assignment> leased, bool onlyAssignments) => onlyAssignments
        ? new() { Assignments = leased }
        : new() { Assignments = leased, Lease = leased[0].Lease, Subtask = leased[0].Subtask, Envelope = leased[0].Envelope };

    /// <summary>Why nothing was taken.</summary>
    public static PullAnswer Nothing(TakeAnswer take) => take.OnlySandboxed
        ? new() { SandboxRequired = true, Reason = "agent_lacks_sandbox_capability" }
        : new() { Reason = take.Rule is ExclusionRule.None ? null : take.Rule.Code() };

    /// <summary>Why taken work was not leased.</summary>
    public static PullAnswer NotGranted(GrantOutcome outcome) => new()
    {
        Reason = outcome switch
        {
            GrantOutcome.NoSlot => ExclusionRule.Slots.Code(),
            GrantOutcome.Budget => ExclusionRule.TaskBudgetExhausted.Code(),
            GrantOutcome.Unsealed => ExclusionRule.EnvelopeKeyMissing.Code(),
            GrantOutcome.Paused => ExclusionRule.CoordinatorPaused.Code(),
            GrantOutcome.Barred => "agent_changed",
            _ => null,
        },
    };

    /// <summary>Why a parked pull ended before its time.</summary>
    public static PullAnswer Ended(ParkEnd end) => new() { Reason = end is ParkEnd.Superseded ? "superseded_by_newer_pull" : "agent_changed" };
}

using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Power;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// May this agent have this subtask now? Rules 1 to 21 of coordinator-and-mesh 4.3, in order; the first that holds is the answer. Leasing and
/// <c>explain</c> ask the same functions, so that an explanation is true.
/// </summary>
internal static class Eligibility
{
    /// <summary>How long a subtask waits for a wished, not demanded, model that an active agent has.</summary>
    public const long PreferredModelMs = 30_000;

    /// <summary>An idle machine uses at most this share of its CPU.</summary>
    public const double IdleCpuPct = 20;

    /// <summary>The first rule that excludes the agent from the subtask, or <see cref="ExclusionRule.None"/>.</summary>
    public static ExclusionRule Judge(AgentFacts? agent, SubtaskFacts subtask, IQueueMoment moment)
    {
        if (agent is null)
        {
            return ExclusionRule.AgentUnknown;
        }

        var rule = JudgeShape(agent, subtask.Shape, moment, InPreferredTime(subtask, moment));
        return rule is ExclusionRule.None ? JudgeOne(agent, subtask, moment) : rule;
    }

    /// <summary>Rules 1 to 18: the same for all subtasks of a shape that are on the same side of <see cref="PreferredModelMs"/>.</summary>
    public static ExclusionRule JudgeShape(AgentFacts agent, SubtaskShape shape, IQueueMoment moment, bool preferredTime)
    {
        var rule = JudgeState(agent, moment);
        if (rule is not ExclusionRule.None)
        {
            return rule;
        }

        // 10
        if (shape.DataClass is SharedDataClass.Team && (agent.OfPeer || !SameTeam(agent, shape)))
        {
            return ExclusionRule.DataClass;
        }

        // 11
        if (shape.Conflicts is { } conflicts && conflicts.Split('\n').Contains(agent.OwnerAccountId, StringComparer.Ordinal))
        {
            return ExclusionRule.OwnerConflict;
        }

        // 12
        if (shape.SandboxNeeded && agent.SandboxMode is "none")
        {
            return ExclusionRule.Sandbox;
        }

        // 13: running something again needs no model.
        if (shape.Purpose is LeasePurpose.Work && !ModelFits(agent, shape, moment, preferredTime))
        {
            return ExclusionRule.Model;
        }

        // 14
        if (agent.EnvelopeKey is null && !agent.Loopback)
        {
            return ExclusionRule.EnvelopeKeyMissing;
        }

        // 15
        if (!PowerAllows(agent.Power, shape.Small))
        {
            return ExclusionRule.Power;
        }

        // 16
        if (!PolicyAllows(agent, moment.NowMs))
        {
            return ExclusionRule.Policy;
        }

        // 17, 18
        return FreeSlots(agent, moment) <= 0 ? ExclusionRule.Slots : shape.Purpose is not LeasePurpose.Work || moment.QuotaAllows(shape) ? ExclusionRule.None : ExclusionRule.Quota;
    }

    /// <summary>Rules 1 to 9: the agent's own state.</summary>
    public static ExclusionRule JudgeState(AgentFacts agent, IQueueMoment moment) => agent.Status switch
    {
        AgentStatus.PendingApproval => ExclusionRule.AgentPendingApproval,
        AgentStatus.Blacklisted => ExclusionRule.AgentBlacklisted,
        AgentStatus.Quarantined => ExclusionRule.AgentQuarantined,
        AgentStatus.Suspended => ExclusionRule.AgentSuspended,
        AgentStatus.Offline or AgentStatus.Archived => ExclusionRule.AgentOffline,
        AgentStatus.Draining => ExclusionRule.AgentDraining,
        _ when moment.Paused => ExclusionRule.CoordinatorPaused,
        _ when moment.RequireVerified && !agent.Verified => ExclusionRule.BinaryIntegrity,
        _ => ExclusionRule.None,
    };

    /// <summary>The first rule that keeps an agent from every subtask, whatever it asks for: rules 1 to 9, no model or one in exchange, no key, power, policy, slots.</summary>
    public static ExclusionRule JudgeAgent(AgentFacts agent, IQueueMoment moment)
    {
        var rule = JudgeState(agent, moment);
        return rule is not ExclusionRule.None ? rule
            : agent.Models.Count == 0 || agent.ModelSwapInProgress ? ExclusionRule.Model
            : agent.EnvelopeKey is null && !agent.Loopback ? ExclusionRule.EnvelopeKeyMissing
            : !PowerAllows(agent.Power, small: true) ? ExclusionRule.Power
            : !PolicyAllows(agent, moment.NowMs) ? ExclusionRule.Policy
            : FreeSlots(agent, moment) <= 0 ? ExclusionRule.Slots
            : ExclusionRule.None;
    }

    /// <summary>Rules 19 to 21: this subtask and its history.</summary>
    public static ExclusionRule JudgeOne(AgentFacts agent, SubtaskFacts subtask, IQueueMoment moment)
    {
        if (!moment.BudgetAllows(subtask))
        {
            return ExclusionRule.TaskBudgetExhausted;
        }

        if (subtask.FailedBy.Contains(agent.AgentId, StringComparer.Ordinal) && AnotherIsEligible(agent, subtask, moment))
        {
            return ExclusionRule.AttemptedBefore;
        }

        // The auditor is drawn: others wait as for a pause, until the drawn one had its time.
        return subtask.NotBeforeMs > moment.NowMs || !moment.IsTurn(agent, subtask) ? ExclusionRule.NotBefore : ExclusionRule.None;
    }

    /// <summary>Slots that an agent has left: what it declared and its policy allow, less its live leases.</summary>
    public static int FreeSlots(AgentFacts agent, IQueueMoment moment) =>
        Math.Max(0, Math.Min(agent.DeclaredSlots, agent.Policy.MaxConcurrentTasks) - moment.LiveLeases(agent.AgentId));

    /// <summary>Whether a subtask is in the time in which it waits for a wished model.</summary>
    public static bool InPreferredTime(SubtaskFacts subtask, IQueueMoment moment) => moment.NowMs - subtask.QueuedAtMs < PreferredModelMs;

    /// <summary>Whether an agent has a model: the exact id, or one of that family (<c>qwen3.5</c> has <c>qwen3.5:9b</c>).</summary>
    public static bool HasModel(AgentFacts agent, string model)
    {
        foreach (var has in agent.Models)
        {
            if (has.StartsWith(model, StringComparison.Ordinal) && (has.Length == model.Length || has[model.Length] is ':'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the hour of the day and the load of the machine allow work.</summary>
    public static bool PolicyAllows(AgentFacts agent, long nowMs)
    {
        var (start, end) = (agent.Policy.StartHourUtc, agent.Policy.EndHourUtc);
        var hour = (int)(nowMs / 3_600_000 % 24);
        var inHours = start == end || (start < end ? hour >= start && hour < end : hour >= start || hour < end);
        return inHours && (!agent.Policy.IdleOnly || agent.CpuUsagePct is <= IdleCpuPct);
    }

    private static bool PowerAllows(PowerDecision power, bool small) => power.MayLease && (small || !power.SmallTasksOnly);

    private static bool SameTeam(AgentFacts agent, SubtaskShape shape) =>
        string.Equals(agent.OwnerAccountId, shape.AccountId, StringComparison.Ordinal)
        || (shape.TenantId is { } tenant && agent.Tenants.Contains(tenant, StringComparer.Ordinal));

    private static bool ModelFits(AgentFacts agent, SubtaskShape shape, IQueueMoment moment, bool preferredTime)
    {
        if (agent.Models.Count == 0 || agent.ModelSwapInProgress)
        {
            return false;
        }

        return shape.RequestedModel is not { } model
            || HasModel(agent, model)
            || (!shape.ModelRequired && !(preferredTime && moment.Agents.Any(other => other.Status is AgentStatus.Active && HasModel(other, model))));
    }

    private static bool AnotherIsEligible(AgentFacts agent, SubtaskFacts subtask, IQueueMoment moment)
    {
        var preferred = InPreferredTime(subtask, moment);
        foreach (var other in moment.Agents)
        {
            if (!string.Equals(other.AgentId, agent.AgentId, StringComparison.Ordinal)
                && !subtask.FailedBy.Contains(other.AgentId, StringComparer.Ordinal)
                && JudgeShape(other, subtask.Shape, moment, preferred) is ExclusionRule.None)
            {
                return true;
            }
        }

        return false;
    }
}

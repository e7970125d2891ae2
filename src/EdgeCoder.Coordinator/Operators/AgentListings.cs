using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>Agents as operators see them: with the rule that keeps one from any work.</summary>
internal sealed class AgentListings(AgentDirectory directory, CoordinatorSwitches switches, AgentOptions options, TimeProvider time)
{
    /// <summary>A page, in order of ids.</summary>
    public async Task<AgentList> ReadAsync(int limit, string? after, CancellationToken cancellationToken)
    {
        var agents = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        var pause = await switches.PauseAsync(cancellationToken).ConfigureAwait(false);
        List<AgentListing> page = [];
        string? next = null;
        foreach (var agent in agents)
        {
            if (after is not null && string.CompareOrdinal(agent.Row.AgentId, after) <= 0)
            {
                continue;
            }

            if (page.Count == limit)
            {
                next = page[^1].AgentId;
                break;
            }

            page.Add(await ShowAsync(agent, pause, cancellationToken).ConfigureAwait(false));
        }

        return new(page, next);
    }

    private async Task<AgentListing> ShowAsync(KnownAgent agent, PauseState pause, CancellationToken cancellationToken)
    {
        var facts = await directory.FactsAsync(agent, false, cancellationToken).ConfigureAwait(false);
        var policy = await directory.PolicyAsync(agent, cancellationToken).ConfigureAwait(false);
        var sighting = directory.SightingOf(agent);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rule = RuleOf(facts, pause, nowMs);
        return new()
        {
            AgentId = facts.AgentId,
            Status = EnumText.Of(facts.Status),
            StatusReason = facts.StatusReason,
            CanLease = rule is ExclusionRule.None,
            Rule = rule is ExclusionRule.None ? null : rule.Code(),
            Message = rule is ExclusionRule.None ? null : rule.Message(),
            OwnerAccountId = facts.OwnerAccountId,
            Tenants = facts.Tenants,
            EnrolledBy = agent.Row.EnrolledBy,
            Os = agent.Row.Os,
            Version = agent.Row.ProgramVersion,
            Mode = agent.Row.Mode,
            MaxConcurrentTasks = agent.Row.MaxConcurrentTasks,
            BusySlots = sighting.BusySlots,
            SandboxMode = agent.Row.SandboxMode,
            Models = agent.Models,
            ActiveModel = sighting.ActiveModel,
            Sealed = agent.Row.X25519PublicKey is not null,
            VerificationStatus = agent.Row.Integrity,
            PowerPolicy = new(facts.Power.CoordinatorWork, facts.Power.PeerWork, facts.Power.Reason, facts.Power.DeferMs, facts.Power.SmallTasksOnly),
            Policy = policy,
            Cv = facts.Cv,
            Faults = agent.Row.Faults,
            KeyId = facts.KeyId,
            LastSeenMs = facts.LastSeenMs,
            UntilMs = facts.Status switch
            {
                AgentStatus.Suspended => agent.Row.SuspendedUntilMs,
                AgentStatus.Quarantined => agent.Row.QuarantinedUntilMs,
                _ => null,
            },
        };
    }

    // The rules that look at no subtask, in the order of coordinator-and-mesh 4.3.
    private ExclusionRule RuleOf(AgentFacts facts, PauseState pause, long nowMs) => facts.Status switch
    {
        AgentStatus.PendingApproval => ExclusionRule.AgentPendingApproval,
        AgentStatus.Blacklisted => ExclusionRule.AgentBlacklisted,
        AgentStatus.Quarantined => ExclusionRule.AgentQuarantined,
        AgentStatus.Suspended => ExclusionRule.AgentSuspended,
        AgentStatus.Offline or AgentStatus.Archived => ExclusionRule.AgentOffline,
        AgentStatus.Draining => ExclusionRule.AgentDraining,
        _ when pause.Paused => ExclusionRule.CoordinatorPaused,
        _ when options.RequireVerified && !facts.Verified => ExclusionRule.BinaryIntegrity,
        _ when facts.Models.Count == 0 || facts.ModelSwapInProgress => ExclusionRule.Model,
        _ when !facts.Power.CoordinatorWork || facts.Power.DeferMs is not null => ExclusionRule.Power,
        _ when !Eligibility.PolicyAllows(facts, nowMs) => ExclusionRule.Policy,
        _ => ExclusionRule.None,
    };
}

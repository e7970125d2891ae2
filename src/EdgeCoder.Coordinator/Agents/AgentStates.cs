using EdgeCoder.Coordinator.Standing;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>The state of an agent, from its rows and the clock (coordinator-and-mesh 3.2). A ban comes first, because it also refuses what other states allow.</summary>
internal static class AgentStates
{
    /// <summary>Three heartbeats of 15 s.</summary>
    public const long OfflineAfterMs = 45_000;

    /// <summary>30 days.</summary>
    public const long ArchivedAfterMs = 30L * 24 * 3_600_000;

    /// <summary>Folds the facts into one state and its reason.</summary>
    public static (AgentStatus Status, string? Reason) Of(AgentRow row, long lastSeenMs, BlacklistEntryRow? ban, long nowMs)
    {
        if (ban is not null)
        {
            return (AgentStatus.Blacklisted, ban.ReasonCode);
        }

        if (!row.Approved)
        {
            return (AgentStatus.PendingApproval, row.ApprovalReason);
        }

        if (row.QuarantinedUntilMs is { } quarantineEnd && nowMs < quarantineEnd)
        {
            return (AgentStatus.Quarantined, row.QuarantineRule);
        }

        if (row.SuspendReason is { } reason && (row.SuspendedUntilMs is not { } suspensionEnd || nowMs < suspensionEnd))
        {
            return (AgentStatus.Suspended, reason);
        }

        var silentMs = nowMs - lastSeenMs;
        return silentMs >= ArchivedAfterMs ? (AgentStatus.Archived, null)
            : silentMs >= OfflineAfterMs ? (AgentStatus.Offline, null)
            : row.Draining ? (AgentStatus.Draining, null)
            : (AgentStatus.Active, null);
    }
}

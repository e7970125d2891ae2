using System.Text.Json.Nodes;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Standing;

/// <summary>
/// What verdicts do to an agent (coordinator-and-mesh 5.3, 5.4; economy-and-ledger 15), inside the transaction of the verdict: neither counts without the
/// other, and a restart forgets no strike.
/// </summary>
internal sealed class AgentStanding(AgentDirectory directory, SecurityLog security)
{
    /// <summary>Strikes count for 60 minutes.</summary>
    public const long StrikeWindowMs = 3_600_000;

    /// <summary>So many within the window are a quarantine.</summary>
    public const int StrikesToQuarantine = 3;

    /// <summary>A quarantine ends by itself after 7 days.</summary>
    public const long QuarantineMs = 7L * 24 * 3_600_000;

    /// <summary>An attempt was accepted and counts: CV + 1.</summary>
    public void Accepted(IStoreBatch batch, string agentId, long nowMs) =>
        Expect(agentId, batch.Query("UPDATE agents SET cv = cv + 1, revision = revision + 1, updated_at_ms = $2 WHERE agent_id = $1 RETURNING revision", r => r.Number(0), agentId, nowMs));

    /// <summary>A fault: CV = 0, and with <paramref name="strike"/> a strike.</summary>
    /// <param name="batch">Transaction of the verdict.</param>
    /// <param name="agentId">Whose attempt it was; nothing happens for an agent of a peer.</param>
    /// <param name="rule">Reason code of the verdict.</param>
    /// <param name="strike">Whether it is a strike too.</param>
    /// <param name="nowMs">Now.</param>
    public void Fault(IStoreBatch batch, string agentId, string rule, bool strike, long nowMs)
    {
        var revisions = batch.Query(
            "UPDATE agents SET cv = 0, faults = faults + 1, revision = revision + 1, updated_at_ms = $2 WHERE agent_id = $1 RETURNING revision", r => r.Number(0), agentId, nowMs);
        Expect(agentId, revisions);
        if (strike && revisions.Count > 0)
        {
            security.Add(batch, SecurityEventKind.AgentTrustViolation, SecurityLog.Agent, agentId, "strike", nowMs, ("reasonCode", JsonValue.Create(rule)));
            Strike(batch, agentId, rule, 1, nowMs);
        }
    }

    /// <summary>
    /// Tells what this coordinator's own run of an agent's result met (economy-and-ledger 18), once for each agent, kind and hour. It is no fault: verdicts judge.
    /// </summary>
    public void Met(IStoreBatch batch, string agentId, CheckIncident incident, long nowMs)
    {
        SecurityEventKind? kind = incident switch
        {
            CheckIncident.RefusedByRules => SecurityEventKind.AstValidationRejection,
            CheckIncident.Timeout => SecurityEventKind.SandboxTimeout,
            CheckIncident.BlockedCall => SecurityEventKind.SandboxSeccompViolation,
            _ => null,
        };
        if (kind is { } met)
        {
            security.AddOnce(batch, $"{agentId} {nowMs / SecurityTally.WindowMs}", met, SecurityLog.Agent, agentId, "noted", nowMs);
        }
    }

    /// <summary>A verifier or auditor was outvoted: its CV = 0 (coordinator-and-mesh 5.4).</summary>
    public void Outvoted(IStoreBatch batch, string agentId, long nowMs) =>
        Expect(agentId, batch.Query("UPDATE agents SET cv = 0, revision = revision + 1, updated_at_ms = $2 WHERE agent_id = $1 RETURNING revision", r => r.Number(0), agentId, nowMs));

    /// <summary>Notes a strike; the third within the window is a quarantine. Open leases finish.</summary>
    /// <returns>Whether the agent is quarantined by it.</returns>
    public bool Strike(IStoreBatch batch, string agentId, string rule, int weight, long nowMs)
    {
        batch.Insert(new AgentStrikeRow { AgentId = agentId, Rule = rule, Weight = weight, AtMs = nowMs });
        if (Strikes(batch, agentId, nowMs) < StrikesToQuarantine)
        {
            return false;
        }

        return Quarantine(batch, agentId, rule, nowMs + QuarantineMs, nowMs);
    }

    /// <summary>Quarantines an agent that is not: no new leases until then, open ones finish. False for one that is, or that is not enrolled here.</summary>
    public bool Quarantine(IStoreBatch batch, string agentId, string rule, long untilMs, long nowMs)
    {
        var revisions = batch.Query(
            """
            UPDATE agents SET quarantined_until_ms = $2, quarantine_rule = $3, revision = revision + 1, updated_at_ms = $4
            WHERE agent_id = $1 AND (quarantined_until_ms IS NULL OR quarantined_until_ms <= $4) RETURNING revision
            """,
            r => r.Number(0), agentId, untilMs, rule, nowMs);
        Expect(agentId, revisions);
        return revisions.Count > 0;
    }

    /// <summary>Ends the quarantine that one rule made, and no other.</summary>
    public void Release(IStoreBatch batch, string rule, long nowMs)
    {
        foreach (var (agentId, revision) in batch.Query(
            "UPDATE agents SET quarantined_until_ms = NULL, quarantine_rule = NULL, revision = revision + 1, updated_at_ms = $2 WHERE quarantine_rule = $1 RETURNING agent_id, revision",
            r => (r.Text(0), r.Number(1)), rule, nowMs))
        {
            directory.Expect(agentId, revision);
        }
    }

    /// <summary>Whether an agent is quarantined: what it has finishes, and every result of it is audited before it is paid.</summary>
    public static bool IsQuarantined(IStoreBatch batch, string agentId, long nowMs) =>
        batch.Query("SELECT 1 FROM agents WHERE agent_id = $1 AND quarantined_until_ms > $2", r => r.Number(0), agentId, nowMs).Count > 0;

    /// <summary>Strikes that count now: of the last 60 minutes, and after an operator's last look.</summary>
    public static long Strikes(IStoreBatch batch, string agentId, long nowMs) =>
        batch.Query(
            "SELECT coalesce(sum(s.weight), 0) FROM agent_strikes s JOIN agents a ON a.agent_id = s.agent_id WHERE s.agent_id = $1 AND s.at_ms > $2 AND s.at_ms >= a.strikes_from_ms",
            r => r.Number(0), agentId, nowMs - StrikeWindowMs)[0];

    /// <summary>
    /// Whether an agent's state still allows a lease, read in the transaction that grants it: the exact answer where <see cref="AgentFacts"/> may be a moment
    /// old because another silo has changed the row.
    /// </summary>
    public static bool MayLease(IStoreBatch batch, string agentId, long nowMs) =>
        batch.Query(
            """
            SELECT 1 FROM agents a WHERE a.agent_id = $1 AND a.approved = $2 AND a.draining = $3
                AND (a.quarantined_until_ms IS NULL OR a.quarantined_until_ms <= $4)
                AND (a.suspend_reason IS NULL OR (a.suspended_until_ms IS NOT NULL AND a.suspended_until_ms <= $4))
                AND NOT EXISTS (SELECT 1 FROM blacklist_entries b WHERE b.agent_id = a.agent_id AND b.revoked_at_ms IS NULL AND (b.expires_at_ms IS NULL OR b.expires_at_ms > $4))
            """,
            r => r.Number(0), agentId, true, false, nowMs).Count > 0;

    private void Expect(string agentId, List<long> revisions)
    {
        if (revisions is [var revision])
        {
            directory.Expect(agentId, revision);
        }
    }
}

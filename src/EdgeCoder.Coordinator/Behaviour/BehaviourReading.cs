using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>
/// Facts of an agent, from the rows that leases, reports and verdicts leave anyway. Nobody but the agent's own signed requests and the coordinator's own clock
/// and verifiers writes them: a request that names an agent without its signature leaves nothing here (F23). What an agent does for its own owner is left out, as it moves
/// no standing either (coordinator-and-mesh 5.3): a small model on somebody's own machine may fail there as often as it likes.
/// </summary>
internal static class BehaviourReading
{
    /// <summary>Facts count for 60 minutes.</summary>
    public const long WindowMs = 3_600_000;

    // Equal outputs begin equally and are equally long. Whole ones would be megabytes on the writer's thread; and only those that were refused are compared.
    private const string FingerprintCharacters = "2048";

    // Of an agent that hands in more results in an hour, the newest count.
    private const string MostResults = "1000";

    /// <summary>Reads them; null for an agent that is not enrolled here. What was before an operator's last look counts no more.</summary>
    public static BehaviourFacts? Of(IStoreBatch batch, string agentId, long nowMs)
    {
        if (batch.Query("SELECT max_concurrent_tasks, strikes_from_ms FROM agents WHERE agent_id = $1", r => ((int)r.Number(0), r.Number(1)), agentId) is not [var (slots, lookedAtMs)])
        {
            return null;
        }

        var fromMs = Math.Max(nowMs - WindowMs, lookedAtMs);
        return new()
        {
            MaxConcurrentTasks = slots,
            Reported = (int)batch.Query("SELECT count(*) FROM results WHERE agent_id = $1 AND reported_at_ms > $2", r => r.Number(0), agentId, fromMs)[0],
            Results = Results(batch, agentId, fromMs),
            Violations = batch.Query("SELECT l.granted_at_ms, l.faults FROM leases l JOIN tasks t ON t.task_id = l.task_id WHERE l.agent_id = $1 AND l.faults > 0 AND l.granted_at_ms > $2 AND l.owner_account_id <> t.account_id", r => (r.Number(0), (int)r.Number(1)), agentId, fromMs),
            KeyBindings = batch.Query("SELECT bound_at_ms FROM agent_keys WHERE agent_id = $1 AND bound_at_ms > $2", r => r.Number(0), agentId, fromMs),
            Expiries = batch.Query("SELECT l.ended_at_ms FROM leases l JOIN tasks t ON t.task_id = l.task_id WHERE l.agent_id = $1 AND l.state = 'expired' AND l.ended_at_ms > $2 AND l.owner_account_id <> t.account_id", r => r.Number(0), agentId, fromMs),
            Gaps = batch.Query("SELECT at_ms, gap_ms FROM heartbeat_gaps WHERE agent_id = $1 AND at_ms > $2", r => new HeartbeatGap(r.Number(0), r.Number(1)), agentId, fromMs),
            Live = batch.Query("SELECT granted_at_ms FROM leases WHERE agent_id = $1 AND state = 'live'", r => r.Number(0), agentId),
        };
    }

    // A result may have several verdicts: one that rejects it outweighs, one that could not tell says nothing.
    private static List<BehaviourResult> Results(IStoreBatch batch, string agentId, long fromMs) =>
    [
        .. batch.Query(
            $"""
            SELECT j.lease_id, j.reported_at_ms, j.lease_ms, j.ok, coalesce(length(j.output), 0), CASE WHEN j.rejected > 0 THEN substr(j.output, 1, {FingerprintCharacters}) END, j.patch_digest, s.input_hash, j.accepted, j.rejected
            FROM (SELECT r.*,
                    (SELECT count(*) FROM verdicts v WHERE v.lease_id = r.lease_id AND v.kind = 'accepted') AS accepted, (SELECT count(*) FROM verdicts v WHERE v.lease_id = r.lease_id AND v.kind = 'rejected') AS rejected
                FROM results r JOIN leases l ON l.lease_id = r.lease_id JOIN tasks t ON t.task_id = r.task_id
                WHERE r.agent_id = $1 AND r.reported_at_ms > $2 AND l.owner_account_id <> t.account_id ORDER BY r.reported_at_ms DESC, r.lease_id DESC LIMIT {MostResults}) j
            JOIN subtasks s ON s.subtask_id = j.subtask_id
            ORDER BY j.reported_at_ms, j.lease_id
            """,
            r => (
                Judged: r.Number(8) + r.Number(9) > 0,
                Result: new BehaviourResult(
                    r.Number(1), r.Number(2), r.Flag(3), r.Number(9) == 0, (int)r.Number(4) + (r.TextOrNull(6)?.Length ?? 0), $"{r.Number(4)} {r.TextOrNull(6)} {r.TextOrNull(5)}", r.TextOrNull(7) ?? r.Text(0))),
            agentId, fromMs).Where(r => r.Judged).Select(r => r.Result),
    ];
}

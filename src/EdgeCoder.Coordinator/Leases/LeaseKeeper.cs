using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>What heartbeats do to leases (coordinator-and-mesh 3.2, 4.4).</summary>
internal static class LeaseKeeper
{
    /// <summary>A lease older than this that its agent does not list never arrived.</summary>
    public const long UndeliveredMs = 30_000;

    /// <summary>Extends what is listed and held, gives back what never arrived, and tells how many expired since the last time.</summary>
    public static (List<LeaseStanding> Leases, int Requeued) Extend(IStoreBatch batch, string agentId, IReadOnlyList<HeldLease> held, QueueChanges changes, long nowMs)
    {
        // 1. What the rows say this agent holds.
        var live = batch.Query(
            "SELECT lease_id, task_id, subtask_id, granted_at_ms, deadline_ms, hard_deadline_ms, step, purpose FROM leases WHERE agent_id = $1 AND state = 'live'",
            row => new Held(row.Text(0), row.Text(1), row.Text(2), row.Number(3), row.Number(4), row.Number(5), row.NumberOrNull(6), row.Enum<LeasePurpose>(7)), agentId).ToDictionary(l => l.LeaseId, StringComparer.Ordinal);
        var standings = new List<LeaseStanding>(held.Count);
        var listed = new HashSet<string>(StringComparer.Ordinal);

        // 2. What the agent says.
        foreach (var lease in held)
        {
            if (lease?.LeaseId is not { } id || !listed.Add(id))
            {
                continue;
            }

            if (live.TryGetValue(id, out var known) && known.DeadlineMs > nowMs)
            {
                var deadline = AttemptTimes.DeadlineMs(nowMs, known.HardDeadlineMs);
                batch.Execute("UPDATE leases SET deadline_ms = $1, step = $2 WHERE lease_id = $3 AND state = 'live'", deadline, (long?)lease.Step ?? known.Step, id);
                standings.Add(new(id, deadline, "held"));
                Progress(batch, known, lease, changes, nowMs);
                continue;
            }

            var (state, last) = batch.Query("SELECT state, deadline_ms FROM leases WHERE lease_id = $1 AND agent_id = $2", row => (row.Text(0), row.Number(1)), id, agentId) is [var row] ? row : ("", 0);
            standings.Add(new(id, last, state is "revoked" or "cancelled" ? "revoked" : "unknown"));
        }

        // 3. What it should hold and does not list.
        foreach (var lease in live.Values)
        {
            if (!listed.Contains(lease.LeaseId) && nowMs - lease.GrantedAtMs > UndeliveredMs)
            {
                AttemptEnds.EndLive(batch, lease.LeaseId, AttemptEnd.Undelivered, "undelivered", changes, nowMs);
            }
        }

        var requeued = batch.Execute("UPDATE leases SET told = $1 WHERE agent_id = $2 AND state = 'expired' AND told = $3", true, agentId, false);
        return (standings, requeued);
    }

    /// <summary>Takes an agent's live leases away: approval withdrawn, blacklisted.</summary>
    public static void RevokeAll(IStoreBatch batch, string agentId, string reason, QueueChanges changes, long nowMs)
    {
        foreach (var lease in batch.Query("SELECT lease_id FROM leases WHERE agent_id = $1 AND state = 'live'", row => row.Text(0), agentId))
        {
            AttemptEnds.EndLive(batch, lease, AttemptEnd.Revoked, reason, changes, nowMs);
        }
    }

    private static void Progress(IStoreBatch batch, Held known, HeldLease lease, QueueChanges changes, long nowMs)
    {
        if (lease.Step is null || lease.Step == known.Step || known.Purpose is not LeasePurpose.Work)
        {
            return;
        }

        var journal = new TaskJournal(batch, known.TaskId, changes, nowMs);
        var message = lease.Message is { Length: > 200 } text ? text[..200] : lease.Message;
        journal.Add("progress", EventData.Of(("subtaskId", known.SubtaskId), ("step", lease.Step), ("message", message)));
        journal.Write();
    }

    private sealed record Held(string LeaseId, string TaskId, string SubtaskId, long GrantedAtMs, long DeadlineMs, long HardDeadlineMs, long? Step, LeasePurpose Purpose);
}

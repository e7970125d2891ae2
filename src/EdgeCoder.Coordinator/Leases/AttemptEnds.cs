using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>Ends attempts that were not accepted: the lease, its subtask's next state, the cap, events and log, in one transaction (coordinator-and-mesh 4.6).</summary>
internal static class AttemptEnds
{
    /// <summary>
    /// Ends a live lease. Nothing happens unless it is live (and, for expiry, its deadline has passed); false then.
    /// </summary>
    public static bool EndLive(IStoreBatch batch, string leaseId, AttemptEnd end, string reason, QueueChanges changes, long nowMs)
    {
        var ended = batch.Query(
            "UPDATE leases SET state = $1, ended_at_ms = $2 WHERE lease_id = $3 AND state = 'live' AND (deadline_ms <= $2 OR $4 = 0) RETURNING subtask_id, task_id, agent_id, partition, purpose",
            row => (Subtask: row.Text(0), Task: row.Text(1), Agent: row.Text(2), Partition: (int)row.Number(3), Purpose: row.Enum<LeasePurpose>(4)),
            StateOf(end), nowMs, leaseId, end is AttemptEnd.Expired ? 1 : 0);
        if (ended is not [var lease])
        {
            return false;
        }

        changes.LeaseEnded(lease.Partition, leaseId, lease.Task);
        if (lease.Purpose is not LeasePurpose.Work)
        {
            RecheckCharges.Settle(batch, leaseId, pay: false, nowMs);
            RecheckQueue.Again(batch, leaseId, lease.Agent, changes, nowMs);
            return true;
        }

        var journal = new TaskJournal(batch, lease.Task, changes, nowMs);
        if (end is AttemptEnd.Expired)
        {
            journal.Add("lease.expired", EventData.Of(("subtaskId", lease.Subtask), ("agent", AgentPseudonym.Of(lease.Task, lease.Agent))));
        }

        TaskCharges.Return(batch, leaseId, nowMs);
        Requeue(batch, lease.Subtask, lease.Agent, "leased", end, reason, "", journal, changes, nowMs);
        journal.Write();
        return true;
    }

    /// <summary>
    /// What becomes of the subtask whose attempt ended: queued again with a pause, or final with the task escalated. <paramref name="from"/> is the state
    /// it must be in; a subtask that was cancelled meanwhile stays so.
    /// </summary>
    public static void Requeue(IStoreBatch batch, string subtaskId, string agentId, string from, AttemptEnd end, string reason, string lastOutput, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        if (batch.Query(
            """
            SELECT s.task_id, s.partition, s.attempts, s.max_attempts, s.releases, s.inconclusive, s.failed_agents_json, s.language, s.input, t.state
            FROM subtasks s JOIN tasks t ON t.task_id = s.task_id WHERE s.subtask_id = $1 AND s.state = $2
            """,
            Read, subtaskId, from) is not [var subtask])
        {
            return;
        }

        // A task that has ended queues nothing again.
        if (TaskMachine.IsFinal(subtask.TaskState))
        {
            batch.Execute("UPDATE subtasks SET state = 'cancelled', state_reason = $1, updated_at_ms = $2 WHERE subtask_id = $3", reason, nowMs, subtaskId);
            journal.SubtaskState(subtaskId, "cancelled", reason);
            return;
        }

        var after = SubtaskMachine.After(end, subtask.Attempts, subtask.MaxAttempts, subtask.Releases, subtask.Inconclusive);
        var failedBy = after.FailedByAgent && !subtask.FailedBy.Contains(agentId) ? JsonSerializer.Serialize([.. subtask.FailedBy, agentId], QueueJson.Default.StringArray) : null;
        var queued = after.State is SubtaskState.Queued;
        batch.Execute(
            """
            UPDATE subtasks SET state = $1, state_reason = $2, attempts = $3, releases = $4, inconclusive = $5, not_before_ms = $6, queued_at_ms = $7, updated_at_ms = $7,
                failed_agents_json = COALESCE($8, failed_agents_json), lease_id = NULL
            WHERE subtask_id = $9
            """,
            queued ? "queued" : "rejected", reason, after.Attempts, after.Releases, after.Inconclusive, nowMs + after.DelayMs, nowMs, failedBy, subtaskId);
        journal.SubtaskState(subtaskId, queued ? "queued" : "rejected", reason);
        if (queued)
        {
            LogOutbox.Append(batch, RecordTypes.TaskRequeue, subtask.TaskId, subtaskId, agentId, EventData.Of(("reason", Code(reason))), nowMs);
            changes.Queued(subtask.Partition, SubtaskFactsReader.Read(batch, subtaskId)!);
            return;
        }

        Escalate(batch, subtask, subtaskId, agentId, reason, lastOutput, after.Attempts, journal, nowMs);
    }

    private static void Escalate(IStoreBatch batch, Ended subtask, string subtaskId, string agentId, string reason, string lastOutput, int attempts, TaskJournal journal, long nowMs)
    {
        var history = batch.Query("SELECT reason_code FROM verdicts WHERE subtask_id = $1 ORDER BY at_ms", row => row.Text(0), subtaskId);
        EscalationRecords.Open(batch, subtask.TaskId, subtaskId, agentId, subtask.Language, subtask.Input, lastOutput, history.Count > 0 ? history : [reason], Math.Max(1, attempts), nowMs);
        if (batch.Execute("UPDATE tasks SET state = 'escalated', state_reason = $1 WHERE task_id = $2 AND state IN ('planned', 'running')", reason, subtask.TaskId) == 1)
        {
            journal.TaskState("escalated", reason);
        }

        journal.Add("escalation", EventData.Of(("subtaskId", subtaskId), ("status", "pending"), ("reason", reason)));
    }

    // An agent may give its reason in words of its own; a log takes codes.
    private static string? Code(string reason) => LogOutbox.IsCode(reason) ? reason : null;

    private static string StateOf(AttemptEnd end) => end switch
    {
        AttemptEnd.Expired => "expired",
        AttemptEnd.Released => "released",
        AttemptEnd.Undelivered => "undelivered",
        AttemptEnd.Revoked => "revoked",
        AttemptEnd.Rejected => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    };

    private static Ended Read(StoreRow row) => new(
        row.Text(0), (int)row.Number(1), (int)row.Number(2), (int)row.Number(3), (int)row.Number(4), (int)row.Number(5),
        row.TextOrNull(6) is { } failed ? JsonSerializer.Deserialize(failed, QueueJson.Default.StringArray)! : [], row.Text(7), row.Text(8), row.Enum<TaskState>(9));

    private sealed record Ended(
        string TaskId, int Partition, int Attempts, int MaxAttempts, int Releases, int Inconclusive, string[] FailedBy, string Language, string Input, TaskState TaskState);
}

using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Ends tasks: completed, failed, cancelled (coordinator-and-mesh 4.2, 4.6).</summary>
internal static class TaskEnds
{
    /// <summary>
    /// Makes a task final unless it is. Waiting subtasks are cancelled, live leases end, results that were reported are still verified and paid, the rest
    /// of the reservation is voided.
    /// </summary>
    public static bool Finish(IStoreBatch batch, string taskId, string state, string? reason, QueueChanges changes, long nowMs, TaskJournal? with = null)
    {
        if (batch.Query(
            "UPDATE tasks SET state = $1, state_reason = $2, waiting_for = NULL, finished_at_ms = $3, updated_at_ms = $3 WHERE task_id = $4 AND finished_at_ms IS NULL RETURNING partition",
            row => (int)row.Number(0), state, reason, nowMs, taskId) is not [var partition])
        {
            return false;
        }

        var journal = with ?? new TaskJournal(batch, taskId, changes, nowMs);
        foreach (var leaseId in batch.Query("UPDATE leases SET state = 'cancelled', ended_at_ms = $1 WHERE task_id = $2 AND state = 'live' AND purpose = 'work' RETURNING lease_id", row => row.Text(0), nowMs, taskId))
        {
            TaskCharges.Return(batch, leaseId, nowMs);
            changes.LeaseEnded(partition, leaseId, taskId);
        }

        foreach (var subtaskId in batch.Query(
            "UPDATE subtasks SET state = 'cancelled', state_reason = $1, updated_at_ms = $2 WHERE task_id = $3 AND state IN ('blocked', 'queued', 'leased') RETURNING subtask_id",
            row => row.Text(0), reason ?? state, nowMs, taskId))
        {
            journal.SubtaskState(subtaskId, "cancelled", reason);
            changes.Of(partition).Gone.Add(subtaskId);
        }

        var before = TaskCharges.Of(batch, taskId).Voided;
        TaskCharges.VoidRest(batch, taskId, nowMs);
        var voided = TaskCharges.Of(batch, taskId).Voided - before;
        if (voided > 0)
        {
            journal.Add("credit.voided", EventData.Of(("credits", voided / 1000m)));
        }

        journal.TaskState(state, reason);
        if (state is "completed")
        {
            LogOutbox.Append(batch, RecordTypes.TaskComplete, taskId, null, LastAgent(batch, taskId), null, nowMs);
        }

        AddEnd(batch, taskId, journal);
        if (with is null)
        {
            journal.Write();
        }

        return true;
    }

    // Whose result completed it; of a task that a person or another coordinator completed, this coordinator.
    private static string LastAgent(IStoreBatch batch, string taskId) => batch.Query(
        "SELECT r.agent_id FROM subtasks s JOIN results r ON r.lease_id = s.lease_id WHERE s.task_id = $1 AND s.state = 'accepted' ORDER BY r.reported_at_ms DESC, s.position DESC LIMIT 1",
        row => row.Text(0), taskId) is [var agent] && LogOutbox.IsCode(agent) ? agent : LogOutbox.Self;

    /// <summary>The last event, once no result of the task waits for its verdict.</summary>
    public static void AddEnd(IStoreBatch batch, string taskId, TaskJournal journal)
    {
        if (batch.Query("SELECT 1 FROM results WHERE task_id = $1 AND state IN ('reported', 'verifying') LIMIT 1", row => row.Number(0), taskId).Count == 0)
        {
            journal.Add("end", "{}");
        }
    }
}

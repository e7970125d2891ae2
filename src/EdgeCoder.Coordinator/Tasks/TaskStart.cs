using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Stores a submission with its reservation, or gives what was stored for the same id, account and body.</summary>
internal static class TaskStart
{
    /// <summary>Runs in the writer's transaction. <paramref name="subtasks"/> is empty when the plan is yet to come.</summary>
    public static TaskAccepted Run(IStoreBatch batch, TaskRow task, SubtaskRow[] subtasks, string[] blobs, bool forOthers, SubmissionGate gate, QueueChanges changes)
    {
        // 1. The id decides first: the same submission again has no effect, another one none either.
        var journal = new TaskJournal(batch, task.TaskId, changes, task.CreatedAtMs);
        journal.TaskState(task.State is TaskState.Submitted ? "submitted" : "planned");
        journal.Add("credit.reserved", EventData.Of(("credits", task.EstimateMc / 1000m)));
        foreach (var subtask in subtasks)
        {
            journal.SubtaskState(subtask.SubtaskId, subtask.State is SubtaskState.Queued ? "queued" : "blocked");
        }

        task.Events = journal.Count;
        if (!batch.TryInsert(task))
        {
            return Stored(batch, task);
        }

        // 2. Blobs and money, or nothing at all is stored.
        TaskInputs.Claim(batch, task, blobs, forOthers, task.CreatedAtMs);
        gate.Pass(batch, task.AccountId, task.CreatedAtMs);
        TaskCharges.Reserve(batch, task.TaskId, task.AccountId, task.EstimateMc, task.CreatedAtMs);

        // 3. Subtasks and what tells of them.
        journal.WriteFrom(1);
        Enqueue(batch, task, subtasks, changes, task.CreatedAtMs);
        changes.Planning |= task.State is TaskState.Submitted;
        return new(task.TaskId, task.State, SubtaskRows.RunnableFirst(subtasks.Select(s => (s.SubtaskId, s.State))));
    }

    /// <summary>Inserts subtasks with their log entries; those that wait for nothing go to the queue.</summary>
    public static void Enqueue(IStoreBatch batch, TaskRow task, SubtaskRow[] subtasks, QueueChanges changes, long nowMs)
    {
        foreach (var subtask in subtasks)
        {
            batch.Insert(subtask);
            LogOutbox.Append(batch, RecordTypes.TaskEnqueue, task.TaskId, subtask.SubtaskId, task.AccountId, null, nowMs);
            if (subtask.State is SubtaskState.Queued)
            {
                changes.Queued(task.Partition, SubtaskFactsReader.Of(task, subtask));
            }
        }
    }

    private static TaskAccepted Stored(IStoreBatch batch, TaskRow task)
    {
        var (account, body, state) = batch.Query("SELECT account_id, body_sha256, state FROM tasks WHERE task_id = $1", row => (row.Text(0), row.Text(1), row.Enum<TaskState>(2)), task.TaskId)[0];
        if (account != task.AccountId || body != task.BodySha256)
        {
            throw new Refusal(409, "task_id_conflict", "This task id is taken by another submission. Choose a new id, or send exactly what was sent first.");
        }

        var subtasks = batch.Query("SELECT subtask_id, state FROM subtasks WHERE task_id = $1 ORDER BY position", row => (row.Text(0), row.Enum<SubtaskState>(1)), task.TaskId);
        return new(task.TaskId, state, SubtaskRows.RunnableFirst(subtasks));
    }
}

using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>A task completes when every subtask is accepted.</summary>
internal static class TaskCompletion
{
    /// <summary>Completes the task if nothing is left to do.</summary>
    public static void Complete(IStoreBatch batch, string taskId, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        if (batch.Query("SELECT 1 FROM subtasks WHERE task_id = $1 AND state <> 'accepted' LIMIT 1", row => row.Number(0), taskId).Count > 0)
        {
            return;
        }

        // One subtask: its patch is the task's. Several are merged before they get here.
        batch.Execute(
            "UPDATE tasks SET patch_digest = (SELECT r.patch_digest FROM subtasks s JOIN results r ON r.lease_id = s.lease_id WHERE s.task_id = $1 AND r.patch_digest IS NOT NULL ORDER BY s.position DESC LIMIT 1) WHERE task_id = $1 AND patch_digest IS NULL",
            taskId);
        TaskEnds.Finish(batch, taskId, "completed", null, changes, nowMs, journal);
    }
}

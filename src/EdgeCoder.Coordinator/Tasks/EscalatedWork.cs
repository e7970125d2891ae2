using System.Text.Json;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Escalated subtasks go on: a new attempt with context, or a candidate that is verified like any result (agent-executor-models 7).</summary>
internal static class EscalatedWork
{
    /// <summary>A new round of attempts, with what a person or a stronger model added to the request.</summary>
    public static bool Resume(IStoreBatch batch, string subtaskId, string? context, QueueChanges changes, long nowMs)
    {
        var found = Find(batch, subtaskId);
        var input = string.IsNullOrWhiteSpace(context) ? found.Input : $"{found.Input}\n\n[Context from a reviewer]\n{context}";
        batch.Execute(
            """
            UPDATE subtasks SET state = 'queued', state_reason = 'resumed', attempts = 0, releases = 0, inconclusive = 0, failed_agents_json = NULL, not_before_ms = 0, queued_at_ms = $1, updated_at_ms = $1,
                input = $2, input_hash = $3, lease_id = NULL
            WHERE subtask_id = $4 AND state = 'rejected'
            """,
            nowMs, input, InputHash.Of(found.Salt, input), subtaskId);
        var journal = new TaskJournal(batch, found.TaskId, changes, nowMs);
        GoOn(batch, found.TaskId, journal);
        journal.SubtaskState(subtaskId, "queued", "resumed");
        journal.Write();
        changes.Queued(found.Partition, SubtaskFactsReader.Read(batch, subtaskId)!);
        return true;
    }

    /// <summary>Stores a candidate as a result of nobody's lease: its verifier decides, nobody is paid.</summary>
    public static bool Offer(IStoreBatch batch, string subtaskId, string output, string source, string windowId, QueueSurroundings surroundings, QueueChanges changes, long nowMs)
    {
        var found = Find(batch, subtaskId);
        var lease = new Lease
        {
            LeaseId = LeaseDocuments.NewId(),
            SubtaskId = subtaskId,
            Attempt = found.Attempts + 1,
            Purpose = LeasePurpose.Work,
            AgentId = source,
            HomeCoordinatorId = surroundings.PeerId,
            GrantedAtMs = nowMs,
            DeadlineMs = nowMs,
            HardDeadlineMs = nowMs,
            Price = new(0, 0, 0, 0),
            InputHash = found.InputHash,
            SnapshotDigest = found.SnapshotDigest,
            CheckDigest = found.CheckDigest,
            AuditWindowId = windowId,
            Cv = 0,
        };
        var report = new ResultReport { LeaseId = lease.LeaseId, SubtaskId = subtaskId, AgentId = source, TaskId = found.TaskId, Ok = true, Output = output, CheckDigest = found.CheckDigest, SnapshotDigest = found.SnapshotDigest, DurationMs = 0 };
        report = report with { ResultDigest = ResultDigest.Of(report) };
        batch.Insert(new LeaseRow
        {
            LeaseId = lease.LeaseId,
            SubtaskId = subtaskId,
            TaskId = found.TaskId,
            Partition = found.Partition,
            Attempt = lease.Attempt,
            Purpose = LeasePurpose.Work,
            AgentId = source,
            OwnerAccountId = found.AccountId,
            ProjectId = found.ProjectId,
            State = LeaseState.Reported,
            GrantedAtMs = nowMs,
            DeadlineMs = nowMs,
            HardDeadlineMs = nowMs,
            EndedAtMs = nowMs,
            CapMc = 0,
            BudgetMs = 0,
            QualityBps = 0,
            LoadBps = 0,
            ModelBps = 0,
            AuditWindowId = windowId,
            Cv = 0,
            Signed = SignedDocument.Sign(DocumentContexts.Lease, lease, MeshJson.Default.Lease, surroundings.Key),
            Sealed = false,
            Told = false,
            Faults = 0,
        });
        batch.Insert(new ResultRow
        {
            LeaseId = lease.LeaseId,
            SubtaskId = subtaskId,
            TaskId = found.TaskId,
            AgentId = source,
            State = ResultState.Reported,
            Ok = true,
            Output = output,
            ResultDigest = report.ResultDigest!,
            Report = JsonSerializer.SerializeToUtf8Bytes(report, MeshJson.Default.ResultReport),
            LeaseMs = 0,
            ReportedAtMs = nowMs,
            ClaimUntilMs = 0,
            Inconclusive = 0,
        });
        batch.Execute("UPDATE subtasks SET state = 'reported', state_reason = 'candidate', lease_id = $1, updated_at_ms = $2 WHERE subtask_id = $3 AND state = 'rejected'", lease.LeaseId, nowMs, subtaskId);
        var journal = new TaskJournal(batch, found.TaskId, changes, nowMs);
        GoOn(batch, found.TaskId, journal);
        journal.SubtaskState(subtaskId, "reported", "candidate");
        journal.Write();
        changes.Results = true;
        return true;
    }

    private static void GoOn(IStoreBatch batch, string taskId, TaskJournal journal)
    {
        // Other subtasks may be escalated too; the task runs as soon as one of them does.
        if (batch.Execute("UPDATE tasks SET state = 'running', state_reason = NULL WHERE task_id = $1 AND state = 'escalated'", taskId) == 1)
        {
            journal.TaskState("running");
        }
    }

    private static Found Find(IStoreBatch batch, string subtaskId) => batch.Query(
        """
        SELECT s.task_id, s.partition, s.attempts, s.input, s.input_salt, s.input_hash, s.snapshot_digest, s.check_digest, t.account_id, t.project_id
        FROM subtasks s JOIN tasks t ON t.task_id = s.task_id WHERE s.subtask_id = $1 AND s.state = 'rejected' AND t.finished_at_ms IS NULL
        """,
        row => new Found(row.Text(0), (int)row.Number(1), (int)row.Number(2), row.Text(3), row.Bytes(4), row.Text(5), row.TextOrNull(6), row.TextOrNull(7), row.Text(8), row.Text(9)), subtaskId)
        is [var found] ? found : throw new Refusal(409, "subtask_not_escalated", "That subtask is not escalated, or its task has ended.");

    private sealed record Found(
        string TaskId, int Partition, int Attempts, string Input, byte[] Salt, string InputHash, string? SnapshotDigest, string? CheckDigest, string AccountId, string ProjectId);
}

using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Rechecks that wait for an agent, in the transaction of what makes them wait.</summary>
internal static class RecheckQueue
{
    private const long FirstPauseMs = 1_000;
    private const long LongestPauseMs = 600_000;

    private const string Columns =
        """
        SELECT k.recheck_id, k.task_id, t.account_id, t.tenant_id, t.data_class, s.timeout_ms, t.priority, t.resource_class, k.queued_at_ms, k.not_before_ms, k.failed_agents_json, k.conflicts, k.purpose, k.draw
        FROM rechecks k JOIN tasks t ON t.task_id = k.task_id JOIN subtasks s ON s.subtask_id = k.subtask_id WHERE k.state = 'waiting'
        """;

    /// <summary>One that waits; null when it does not.</summary>
    public static SubtaskFacts? Read(IStoreBatch batch, string recheckId) => batch.Query(Columns + " AND k.recheck_id = $1", Facts, recheckId) is [var facts] ? facts : null;

    /// <summary>All that wait in a partition.</summary>
    public static List<SubtaskFacts> ReadAll(IStoreBatch batch, int partition) => batch.Query(Columns + " AND k.partition = $1", Facts, partition);

    /// <summary>A result that the coordinator may not judge wants a verifier of another owner than the worker.</summary>
    public static void WantVerifier(IStoreBatch batch, string leaseId, string taskId, string subtaskId, int partition, string workerAccountId, QueueChanges changes, long nowMs) =>
        Want(batch, Row(RecheckIds.Verify(leaseId), LeasePurpose.Verify, 1, leaseId, taskId, subtaskId, partition, VerifierChoice.VerifyConflicts(workerAccountId), null, nowMs), changes);

    /// <summary>A drawn result wants an auditor; <paramref name="conflicts"/> are the parties.</summary>
    public static void WantAuditor(
        IStoreBatch batch, string leaseId, int round, string taskId, string subtaskId, int partition, IReadOnlyList<string> conflicts, long draw, QueueChanges changes, long nowMs) =>
        Want(batch, Row(RecheckIds.Audit(leaseId, round), LeasePurpose.Audit, round, leaseId, taskId, subtaskId, partition, conflicts, draw, nowMs), changes);

    /// <summary>
    /// The lease of a recheck came to nothing, or its verdict tells nothing: another agent gets it, and the same one only when there is no other. False when
    /// it is not wanted any more.
    /// </summary>
    public static bool Again(IStoreBatch batch, string leaseId, string agentId, QueueChanges changes, long nowMs)
    {
        if (batch.Query(
            "SELECT recheck_id, failures, failed_agents_json, partition, purpose, subject_lease_id, subtask_id, task_id FROM rechecks WHERE lease_id = $1 AND state = 'leased'",
            row => (Id: row.Text(0), Failures: (int)row.Number(1), Failed: Agents(row.TextOrNull(2)), Partition: (int)row.Number(3), Purpose: row.Enum<LeasePurpose>(4), Subject: row.Text(5), Subtask: row.Text(6), Task: row.Text(7)),
            leaseId) is not [var recheck])
        {
            return false;
        }

        string[] failed = recheck.Failed.Contains(agentId) ? recheck.Failed : [.. recheck.Failed, agentId];
        batch.Execute(
            "UPDATE rechecks SET state = 'waiting', lease_id = NULL, agent_id = NULL, failures = failures + 1, failed_agents_json = $1, not_before_ms = $2 WHERE recheck_id = $3",
            JsonSerializer.Serialize(failed, QueueJson.Default.StringArray), nowMs + Math.Min(FirstPauseMs << Math.Min(recheck.Failures, 20), LongestPauseMs), recheck.Id);
        if (recheck.Purpose is LeasePurpose.Verify)
        {
            batch.Execute("UPDATE results SET state = 'reported', claimed_by = NULL WHERE lease_id = $1 AND state = 'verifying' AND claimed_by = $2", recheck.Subject, leaseId);
            if (batch.Execute("UPDATE subtasks SET state = 'reported', updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'verifying' AND lease_id = $3", nowMs, recheck.Subtask, recheck.Subject) == 1)
            {
                var journal = new TaskJournal(batch, recheck.Task, changes, nowMs);
                journal.SubtaskState(recheck.Subtask, "reported", "no_verifier");
                journal.Write();
            }
        }

        changes.Of(recheck.Partition).Queued.Add(Read(batch, recheck.Id)!);
        return true;
    }

    private static void Want(IStoreBatch batch, RecheckRow row, QueueChanges changes)
    {
        if (batch.TryInsert(row))
        {
            changes.Of(row.Partition).Queued.Add(Read(batch, row.RecheckId)!);
        }
    }

    private static RecheckRow Row(
        string id, LeasePurpose purpose, int round, string leaseId, string taskId, string subtaskId, int partition, IReadOnlyList<string> conflicts, long? draw, long nowMs) => new()
    {
        RecheckId = id,
        Purpose = purpose,
        Round = round,
        SubjectLeaseId = leaseId,
        TaskId = taskId,
        SubtaskId = subtaskId,
        Partition = partition,
        State = RecheckState.Waiting,
        Conflicts = string.Join('\n', conflicts),
        Draw = draw,
        Failures = 0,
        QueuedAtMs = nowMs,
        NotBeforeMs = 0,
    };

    private static string[] Agents(string? json) => json is null ? [] : JsonSerializer.Deserialize(json, QueueJson.Default.StringArray)!;

    private static SubtaskFacts Facts(StoreRow row) => new()
    {
        SubtaskId = row.Text(0),
        TaskId = row.Text(1),
        Shape = new()
        {
            AccountId = row.Text(2),
            ProjectId = RecheckIds.Project,
            TenantId = row.TextOrNull(3),
            DataClass = row.Enum<SharedDataClass>(4),
            SandboxNeeded = true,
            ModelRequired = false,
            Small = row.Number(5) <= 10_000,
            Priority = (int)row.Number(6),
            ResourceClass = row.Enum<ResourceClass>(7),
            Purpose = row.Enum<LeasePurpose>(12),
            Conflicts = row.Text(11),
        },
        QueuedAtMs = row.Number(8),
        NotBeforeMs = row.Number(9),
        FailedBy = Agents(row.TextOrNull(10)),
        Draw = row.NumberOrNull(13),
    };
}

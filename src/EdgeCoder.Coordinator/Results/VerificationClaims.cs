using System.Text.Json;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Claims of verifiers on results and baselines. A claim lapses unless it is renewed, so a verifier that dies holds nothing up.</summary>
internal static class VerificationClaims
{
    /// <summary>Takes the oldest result that waits, or whose claim lapsed; null when there is none.</summary>
    public static VerificationJob? Claim(IStoreBatch batch, string verifierId, QueueOptions options, QueueChanges changes, long nowMs)
    {
        // What the operator may not judge is not for this side (VerifierChoice, when it came).
        if (batch.Query(
            """
            SELECT r.lease_id, r.subtask_id, r.task_id, r.report, r.inconclusive, l.signed, l.owner_account_id, s.kind, s.language, s.timeout_ms, s.check_json, s.snapshot_digest, s.baseline_tests, t.account_id
            FROM results r JOIN leases l ON l.lease_id = r.lease_id JOIN subtasks s ON s.subtask_id = r.subtask_id JOIN tasks t ON t.task_id = r.task_id
            WHERE (r.state = 'reported' OR r.state = 'verifying') AND r.place = 'coordinator' AND r.claim_until_ms <= $1
            ORDER BY r.reported_at_ms LIMIT 1
            """,
            Read, nowMs) is not [var found])
        {
            return null;
        }

        var until = nowMs + (long)options.ClaimTime.TotalMilliseconds;
        batch.Execute("UPDATE results SET state = 'verifying', claimed_by = $1, claim_until_ms = $2 WHERE lease_id = $3", verifierId, until, found.LeaseId);
        if (batch.Execute("UPDATE subtasks SET state = 'verifying', updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'reported' AND lease_id = $3", nowMs, found.SubtaskId, found.LeaseId) == 1)
        {
            var journal = new TaskJournal(batch, found.TaskId, changes, nowMs);
            journal.SubtaskState(found.SubtaskId, "verifying");
            journal.Write();
        }

        return found.Job;
    }

    /// <summary>Keeps a claim.</summary>
    public static bool Renew(IStoreBatch batch, string verifierId, string leaseId, QueueOptions options, long nowMs) =>
        batch.Execute("UPDATE results SET claim_until_ms = $1 WHERE lease_id = $2 AND state = 'verifying' AND claimed_by = $3", nowMs + (long)options.ClaimTime.TotalMilliseconds, leaseId, verifierId) == 1;

    /// <summary>Takes the subtask that has waited longest for its baseline; null when there is none.</summary>
    public static BaselineJob? ClaimBaseline(IStoreBatch batch, QueueOptions options, long nowMs)
    {
        if (batch.Query(
            "SELECT task_id, subtask_id, kind, language, timeout_ms, check_json, snapshot_digest FROM subtasks WHERE state = 'queued' AND baseline = 'waiting' AND baseline_claim_until_ms <= $1 ORDER BY queued_at_ms LIMIT 1",
            row => new BaselineJob(row.Text(0), row.Text(1), row.Enum<SubtaskKind>(2), row.Text(3), (int)row.Number(4), FrozenCheck.Read(row.Text(5))!, row.TextOrNull(6)), nowMs) is not [var job])
        {
            return null;
        }

        batch.Execute("UPDATE subtasks SET baseline_claim_until_ms = $1 WHERE subtask_id = $2", nowMs + (2 * job.Check.TimeoutMs) + (long)options.ClaimTime.TotalMilliseconds, job.SubtaskId);
        return job;
    }

    /// <summary>The check was tried: the subtask may be leased.</summary>
    public static void PassBaseline(IStoreBatch batch, BaselineJob job, int testsSeen, QueueChanges changes, long nowMs)
    {
        if (batch.Query(
            "UPDATE subtasks SET baseline = 'done', baseline_tests = $1, updated_at_ms = $2 WHERE subtask_id = $3 AND state = 'queued' AND baseline = 'waiting' RETURNING partition",
            row => (int)row.Number(0), testsSeen, nowMs, job.SubtaskId) is [var partition])
        {
            changes.Queued(partition, SubtaskFactsReader.Read(batch, job.SubtaskId)!);
        }
    }

    private static Found Read(StoreRow row) => new(row.Text(0), row.Text(1), row.Text(2), new()
    {
        Lease = SignedDocument.Read(row.Bytes(5), MeshJson.Default.Lease) ?? throw new InvalidDataException("A stored lease does not read."),
        Purpose = LeasePurpose.Verify,
        Kind = row.Enum<SubtaskKind>(7),
        Language = row.Text(8),
        TimeoutMs = (int)row.Number(9),
        Report = JsonSerializer.Deserialize(row.Bytes(3), MeshJson.Default.ResultReport)!,
        Check = FrozenCheck.Read(row.TextOrNull(10)),
        SnapshotDigest = row.TextOrNull(11),
        BaselineTests = (int)row.Number(12),
        RequesterAccountId = row.Text(13),
        WorkerAccountId = row.Text(6),
        Inconclusive = (int)row.Number(4),
    });

    private sealed record Found(string LeaseId, string SubtaskId, string TaskId, VerificationJob Job);
}

using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Audits that are open.</summary>
internal static class OpenAudits
{
    /// <summary>Without an auditor in this time the verdict stands.</summary>
    public const long LapseMs = 24 * 3_600_000;

    /// <summary>Opens an audit of an accepted result, and asks for its auditor: of another owner than worker, verifier and requester.</summary>
    /// <param name="batch">Transaction of the verdict.</param>
    /// <param name="subject">The result.</param>
    /// <param name="verdict">Its verdict.</param>
    /// <param name="verifierAccountId">Owner of the verifier; null: nobody who owns agents.</param>
    /// <param name="draw">What the draw says about the auditor.</param>
    /// <param name="changes">What changed.</param>
    /// <param name="nowMs">Now.</param>
    public static void Open(IStoreBatch batch, VerdictSubject subject, Verdict verdict, string? verifierAccountId, long draw, QueueChanges changes, long nowMs)
    {
        batch.Insert(new OpenAuditRow
        {
            LeaseId = verdict.LeaseId,
            TaskId = subject.TaskId,
            SubtaskId = subject.SubtaskId,
            Partition = subject.Partition,
            VerifierId = verdict.VerifierId,
            OpenedAtMs = nowMs,
            LapsesAtMs = nowMs + LapseMs,
        });
        var conflicts = VerifierChoice.AuditConflicts(subject.WorkerAccountId, verifierAccountId, subject.RequesterAccountId);
        RecheckQueue.WantAuditor(batch, verdict.LeaseId, 1, subject.TaskId, subject.SubtaskId, subject.Partition, conflicts, draw, changes, nowMs);
    }
}

using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>
/// What a verdict does (coordinator-and-mesh 5.2 to 5.4): state, credits, standing, audit, dependents and task in one transaction. Nothing that the agent
/// reported about itself decides: pay is the coordinator's own measure of time.
/// </summary>
internal sealed class VerdictEffects(AgentStanding standing, QueueOptions options)
{
    /// <summary>Further verifiers after an inconclusive one.</summary>
    public const int FurtherVerifiers = 2;

    /// <summary>Ends a claim with its verdict. False when the claim was lost: nothing is changed.</summary>
    public bool Conclude(IStoreBatch batch, string verifierId, ConcludedVerification conclusion, QueueChanges changes, long nowMs)
    {
        var verdict = conclusion.Verdict;

        // 1. The claim is still this verifier's.
        if (batch.Execute("UPDATE results SET state = 'closed' WHERE lease_id = $1 AND state = 'verifying' AND claimed_by = $2", verdict.LeaseId, verifierId) == 0)
        {
            return false;
        }

        var subject = VerdictSubject.Find(batch, verdict.LeaseId)!;
        var journal = new TaskJournal(batch, subject.TaskId, changes, nowMs);

        // 2. The verdict itself, whatever follows.
        Store(batch, subject, conclusion, nowMs);
        journal.Add("verdict", EventData.Of(("subtaskId", subject.SubtaskId), ("verdict", EnumText.Of(verdict.Kind)), ("reasonCode", verdict.ReasonCode), ("testsRun", verdict.TestsRun), ("testsPassed", verdict.TestsPassed)));
        batch.Execute("UPDATE subtasks SET last_verdict = $1, last_reason = $2 WHERE subtask_id = $3", EnumText.Of(verdict.Kind), verdict.ReasonCode, subject.SubtaskId);

        // 3. Its effects.
        switch (verdict.Kind)
        {
            case VerdictKind.Accepted:
                Accept(batch, subject, verdict, conclusion.AuditDrawn && !subject.OwnWork, verified: true, journal, changes, nowMs);
                break;
            case VerdictKind.Inconclusive when verdict.ReasonCode is VerdictReasons.NotRerunnable:
                Accept(batch, subject, verdict, audit: false, verified: false, journal, changes, nowMs);
                break;
            case VerdictKind.Inconclusive:
                NotTold(batch, subject, verdict, journal, changes, nowMs);
                break;
            case VerdictKind.Rejected:
                Reject(batch, subject, verdict, journal, changes, nowMs);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(conclusion));
        }

        if (subject.TaskEnded)
        {
            TaskEnds.AddEnd(batch, subject.TaskId, journal);
        }

        journal.Write();
        return true;
    }

    private static void Store(IStoreBatch batch, VerdictSubject subject, ConcludedVerification conclusion, long nowMs)
    {
        var verdict = conclusion.Verdict;
        batch.Insert(new VerdictRow
        {
            VerdictId = verdict.VerdictId,
            LeaseId = verdict.LeaseId,
            SubtaskId = subject.SubtaskId,
            TaskId = subject.TaskId,
            Purpose = verdict.Purpose,
            Kind = verdict.Kind,
            ReasonCode = verdict.ReasonCode,
            VerifierId = verdict.VerifierId,
            TestsRun = verdict.TestsRun,
            TestsPassed = verdict.TestsPassed,
            LogsDigest = verdict.LogsDigest,
            Signed = conclusion.Signed.ToArray(),
            AtMs = nowMs,
        });
        LogOutbox.Append(
            batch, "verdict", subject.TaskId, subject.SubtaskId, verdict.VerifierId,
            EventData.Of(("verdictId", verdict.VerdictId), ("verdict", EnumText.Of(verdict.Kind)), ("reasonCode", verdict.ReasonCode), ("resultDigest", verdict.ResultDigest)), nowMs);
    }

    private void Accept(IStoreBatch batch, VerdictSubject subject, Verdict verdict, bool audit, bool verified, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        batch.Execute("UPDATE leases SET state = 'closed' WHERE lease_id = $1", verdict.LeaseId);
        if (audit)
        {
            // Unpaid until the audit closes; the output counts meanwhile.
            batch.Execute("UPDATE results SET state = 'audited' WHERE lease_id = $1", verdict.LeaseId);
            OpenAudits.Open(batch, subject.TaskId, subject.SubtaskId, subject.Partition, verdict, nowMs);
        }
        else
        {
            AttemptPay.Post(batch, subject, verdict.LeaseId, verified, options, journal, changes, nowMs);
            if (verified && !subject.OwnWork)
            {
                standing.Accepted(batch, subject.AgentId, nowMs);
            }
        }

        if (batch.Execute("UPDATE subtasks SET state = 'accepted', state_reason = NULL, updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'verifying' AND lease_id = $3", nowMs, subject.SubtaskId, verdict.LeaseId) == 0)
        {
            return;
        }

        journal.SubtaskState(subject.SubtaskId, "accepted");
        if (!verified)
        {
            batch.Execute("UPDATE tasks SET unverified = $1 WHERE task_id = $2", true, subject.TaskId);
        }

        if (subject.TaskEnded)
        {
            return;
        }

        Dependents.Release(batch, subject.TaskId, journal, changes, nowMs);
        TaskCompletion.Complete(batch, subject.TaskId, journal, changes, nowMs);
    }

    // Up to two further verifiers, then the attempt closes unpaid and without fault.
    private static void NotTold(IStoreBatch batch, VerdictSubject subject, Verdict verdict, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        if (subject.Inconclusive < FurtherVerifiers)
        {
            batch.Execute("UPDATE results SET state = 'reported', claimed_by = NULL, claim_until_ms = 0, inconclusive = inconclusive + 1 WHERE lease_id = $1", verdict.LeaseId);
            batch.Execute("UPDATE subtasks SET state = 'reported', updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'verifying' AND lease_id = $3", nowMs, subject.SubtaskId, verdict.LeaseId);
            journal.SubtaskState(subject.SubtaskId, "reported", verdict.ReasonCode);
            changes.Results = true;
            return;
        }

        Close(batch, subject, verdict, AttemptEnd.Inconclusive, journal, changes, nowMs);
    }

    private void Reject(IStoreBatch batch, VerdictSubject subject, Verdict verdict, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        var honest = verdict.ReasonCode is VerdictReasons.AgentReportedFailure;
        if (!honest && !subject.OwnWork)
        {
            var strike = verdict.ReasonCode is VerdictReasons.ProtectedFileChanged or VerdictReasons.PathEscape or VerdictReasons.DigestMismatch;
            standing.Fault(batch, subject.AgentId, verdict.ReasonCode, strike, nowMs);
        }

        Close(batch, subject, verdict, honest ? AttemptEnd.ReportedFailure : AttemptEnd.Rejected, journal, changes, nowMs);
    }

    private static void Close(IStoreBatch batch, VerdictSubject subject, Verdict verdict, AttemptEnd end, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        batch.Execute("UPDATE leases SET state = 'closed' WHERE lease_id = $1", verdict.LeaseId);
        TaskCharges.Return(batch, verdict.LeaseId, nowMs);
        changes.LeaseEnded(subject.Partition, verdict.LeaseId, subject.TaskId);
        AttemptEnds.Requeue(batch, subject.SubtaskId, subject.AgentId, "verifying", end, verdict.ReasonCode, subject.Output, journal, changes, nowMs);
    }
}

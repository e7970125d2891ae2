using System.Text;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
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
        Store(batch, subject.TaskId, subject.SubtaskId, conclusion, nowMs);
        journal.Add("verdict", EventData.Of(("subtaskId", subject.SubtaskId), ("verdict", EnumText.Of(verdict.Kind)), ("reasonCode", verdict.ReasonCode), ("testsRun", verdict.TestsRun), ("testsPassed", verdict.TestsPassed)));
        batch.Execute("UPDATE subtasks SET last_verdict = $1, last_reason = $2 WHERE subtask_id = $3", EnumText.Of(verdict.Kind), verdict.ReasonCode, subject.SubtaskId);

        standing.Met(batch, subject.AgentId, conclusion.Incident, nowMs);

        // 3. Its effects, by the table of 5.4.
        var quarantined = !subject.OwnWork && AgentStanding.IsQuarantined(batch, subject.AgentId, nowMs);
        var outcome = VerdictOutcome.Of(verdict.Kind, verdict.ReasonCode, conclusion.AuditDrawn, subject.OwnWork, quarantined);
        Stand(batch, subject.AgentId, outcome.Standing, verdict.ReasonCode, nowMs);
        if (verdict is { Kind: VerdictKind.Rejected, ReasonCode: not VerdictReasons.AgentReportedFailure })
        {
            changes.Suspects.Add(subject.AgentId);
        }

        // What nobody can run again is worth nothing from an agent that is not believed.
        var paying = quarantined ? options with { PayUnverified = false } : options;
        switch (outcome.Pay)
        {
            case VerdictPay.Hold:
                OpenAudits.Open(batch, subject, verdict, VerifierAccount(batch, verifierId), conclusion.Auditor, changes, nowMs);
                Accept(batch, subject, verdict, outcome.Pay, paying, journal, changes, nowMs);
                break;
            case VerdictPay.Post or VerdictPay.PostUnverified:
                Accept(batch, subject, verdict, outcome.Pay, paying, journal, changes, nowMs);
                break;
            case VerdictPay.None when verdict.Kind is VerdictKind.Inconclusive:
                NotTold(batch, subject, verdict, journal, changes, nowMs);
                break;
            case VerdictPay.None:
                Close(batch, subject, verdict, verdict.ReasonCode is VerdictReasons.AgentReportedFailure ? AttemptEnd.ReportedFailure : AttemptEnd.Rejected, journal, changes, nowMs);
                break;
            default:
                throw new InvalidOperationException($"No effect for {outcome.Pay}.");
        }

        if (subject.TaskEnded)
        {
            TaskEnds.AddEnd(batch, subject.TaskId, journal);
        }

        journal.Write();
        return true;
    }

    /// <summary>Keeps a verdict, whatever follows from it: a leaf of the log.</summary>
    public static void Store(IStoreBatch batch, string taskId, string subtaskId, ConcludedVerification conclusion, long nowMs)
    {
        var verdict = conclusion.Verdict;
        batch.Insert(new VerdictRow
        {
            VerdictId = verdict.VerdictId,
            LeaseId = verdict.LeaseId,
            SubtaskId = subtaskId,
            TaskId = taskId,
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
        LogOutbox.Append(batch, RecordTypes.Verdict, taskId, subtaskId, verdict.VerifierId, Encoding.UTF8.GetString(conclusion.Signed.Span), nowMs);
    }

    // The owner of the agent whose lease the claim is; of this coordinator its operator.
    private string? VerifierAccount(IStoreBatch batch, string verifierId) =>
        batch.Query("SELECT owner_account_id FROM leases WHERE lease_id = $1 AND purpose = 'verify'", row => row.Text(0), verifierId) is [var owner] ? owner : options.OperatorAccountId;

    private void Stand(IStoreBatch batch, string agentId, VerdictStanding change, string reason, long nowMs)
    {
        if (change is VerdictStanding.Raise)
        {
            standing.Accepted(batch, agentId, nowMs);
        }
        else if (change is VerdictStanding.Fault or VerdictStanding.Strike)
        {
            standing.Fault(batch, agentId, reason, change is VerdictStanding.Strike, nowMs);
        }
    }

    private static void Accept(IStoreBatch batch, VerdictSubject subject, Verdict verdict, VerdictPay pay, QueueOptions paying, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        batch.Execute("UPDATE leases SET state = 'closed' WHERE lease_id = $1", verdict.LeaseId);
        var verified = pay is not VerdictPay.PostUnverified;
        if (pay is VerdictPay.Hold)
        {
            // Unpaid until the audit closes; the output counts meanwhile.
            batch.Execute("UPDATE results SET state = 'audited' WHERE lease_id = $1", verdict.LeaseId);
        }
        else
        {
            AttemptPay.Post(batch, subject, verdict.LeaseId, verified, paying, journal, changes, nowMs);
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

    private static void Close(IStoreBatch batch, VerdictSubject subject, Verdict verdict, AttemptEnd end, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        batch.Execute("UPDATE leases SET state = 'closed' WHERE lease_id = $1", verdict.LeaseId);
        TaskCharges.Return(batch, verdict.LeaseId, nowMs);
        AttemptReceipts.Write(batch, subject, verdict.LeaseId, verdict.Kind, null, nowMs);
        changes.LeaseEnded(subject.Partition, verdict.LeaseId, subject.TaskId);
        AttemptEnds.Requeue(batch, subject.SubtaskId, subject.AgentId, "verifying", end, verdict.ReasonCode, subject.Output, journal, changes, nowMs);
    }
}

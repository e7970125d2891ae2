using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>
/// What the verdict of an agent does (coordinator-and-mesh 5.2 to 5.4), in the transaction that stores it. A verifier's verdict is the result's verdict; an
/// auditor who agrees ends the audit, one who does not calls a second, and the majority of the three decides.
/// </summary>
internal sealed class RecheckVerdicts(VerdictEffects verdicts, AuditEffects audits)
{
    /// <summary>
    /// Takes the verdict of an ended verify or audit lease; <paramref name="conclusion"/> is null when its agent gave up. <paramref name="leaseMs"/> is the
    /// coordinator's own measure.
    /// </summary>
    public void Conclude(IStoreBatch batch, string leaseId, string agentId, long leaseMs, ConcludedVerification? conclusion, QueueChanges changes, long nowMs)
    {
        if (Find(batch, leaseId) is not { } recheck || conclusion is not { Verdict.Kind: var kind })
        {
            RecheckCharges.Settle(batch, leaseId, pay: false, nowMs);
            RecheckQueue.Again(batch, leaseId, agentId, changes, nowMs);
            return;
        }

        RecheckCharges.Earn(batch, leaseId, EarningFormula.Earn(Math.Min(leaseMs, recheck.BudgetMs), recheck.ResourceClass, recheck.QualityBps, recheck.LoadBps, recheck.ModelBps).Value);
        if (recheck.Purpose is LeasePurpose.Verify)
        {
            Verify(batch, leaseId, agentId, recheck, conclusion, changes, nowMs);
            return;
        }

        // An auditor who cannot tell says nothing against the verdict; another one is asked.
        VerdictEffects.Store(batch, recheck.TaskId, recheck.SubtaskId, conclusion, nowMs);
        if (kind is VerdictKind.Inconclusive)
        {
            RecheckCharges.Settle(batch, leaseId, pay: false, nowMs);
            RecheckQueue.Again(batch, leaseId, agentId, changes, nowMs);
            return;
        }

        Done(batch, leaseId, kind);
        if (kind is VerdictKind.Rejected && recheck.Round == 1)
        {
            string[] conflicts = [.. recheck.Conflicts.Split('\n').Append(recheck.OwnerAccountId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            RecheckQueue.WantAuditor(batch, recheck.SubjectLeaseId, 2, recheck.TaskId, recheck.SubtaskId, recheck.Partition, conflicts, unchecked(recheck.Draw + 1), changes, nowMs);
            return;
        }

        audits.Close(batch, recheck.SubjectLeaseId, kind is VerdictKind.Accepted ? AuditEnd.Agreed : AuditEnd.Overturned, changes, nowMs);
    }

    private void Verify(IStoreBatch batch, string leaseId, string agentId, Found recheck, ConcludedVerification conclusion, QueueChanges changes, long nowMs)
    {
        if (!verdicts.Conclude(batch, leaseId, conclusion, changes, nowMs))
        {
            RecheckCharges.Settle(batch, leaseId, pay: false, nowMs);
            RecheckQueue.Again(batch, leaseId, agentId, changes, nowMs);
            return;
        }

        var state = batch.Query("SELECT state FROM results WHERE lease_id = $1", row => row.Enum<ResultState>(0), recheck.SubjectLeaseId)[0];
        if (state is ResultState.Reported)
        {
            // It could not be told; a further verifier is asked.
            RecheckCharges.Settle(batch, leaseId, pay: false, nowMs);
            RecheckQueue.Again(batch, leaseId, agentId, changes, nowMs);
            return;
        }

        Done(batch, leaseId, conclusion.Verdict.Kind);
        if (state is not ResultState.Audited)
        {
            RecheckCharges.Settle(batch, leaseId, pay: conclusion.Verdict.Kind is not VerdictKind.Inconclusive, nowMs);
        }
    }

    private static void Done(IStoreBatch batch, string leaseId, VerdictKind kind) =>
        batch.Execute("UPDATE rechecks SET state = 'done', kind = $1 WHERE lease_id = $2", EnumText.Of(kind), leaseId);

    private static Found? Find(IStoreBatch batch, string leaseId) => batch.Query(
        """
        SELECT k.purpose, k.round, k.subject_lease_id, k.task_id, k.subtask_id, k.partition, k.conflicts, k.draw, l.owner_account_id, l.budget_ms, l.quality_bps, l.load_bps, l.model_bps, t.resource_class
        FROM rechecks k JOIN leases l ON l.lease_id = k.lease_id JOIN tasks t ON t.task_id = k.task_id WHERE k.lease_id = $1 AND k.state = 'leased'
        """,
        row => new Found(
            row.Enum<LeasePurpose>(0), (int)row.Number(1), row.Text(2), row.Text(3), row.Text(4), (int)row.Number(5), row.Text(6), row.NumberOrNull(7) ?? 0, row.Text(8),
            row.Number(9), (int)row.Number(10), (int)row.Number(11), (int)row.Number(12), row.Enum<ResourceClass>(13)),
        leaseId) is [var found] ? found : null;

    private sealed record Found(
        LeasePurpose Purpose, int Round, string SubjectLeaseId, string TaskId, string SubtaskId, int Partition, string Conflicts, long Draw, string OwnerAccountId,
        long BudgetMs, int QualityBps, int LoadBps, int ModelBps, ResourceClass ResourceClass);
}

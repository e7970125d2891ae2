using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Pays an attempt by the formula (economy-and-ledger 3): the coordinator's own measure of its time, at most its budget and cap.</summary>
internal static class AttemptPay
{
    /// <summary>Posts the charge of a lease, once; text that nobody ran again is paid at half quality, or not at all by policy.</summary>
    public static void Post(IStoreBatch batch, VerdictSubject subject, string leaseId, bool verified, QueueOptions options, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        changes.LeaseEnded(subject.Partition, leaseId, subject.TaskId);
        var verdict = verified ? VerdictKind.Accepted : VerdictKind.Inconclusive;
        if (subject.Candidate)
        {
            AttemptReceipts.Write(batch, subject, leaseId, verdict, null, nowMs);
            return;
        }

        if (!verified && !options.PayUnverified)
        {
            TaskCharges.Return(batch, leaseId, nowMs);
            AttemptReceipts.Write(batch, subject, leaseId, verdict, null, nowMs);
            return;
        }

        var quality = verified ? subject.QualityBps : Math.Min(subject.QualityBps, EarningFormula.UnverifiedQualityBps);
        var ms = Math.Min(subject.LeaseMs, subject.BudgetMs);
        var earned = EarningFormula.Earn(ms, subject.ResourceClass, quality, subject.LoadBps, subject.ModelBps).Value;
        if (TaskCharges.Post(batch, leaseId, earned, nowMs) is not { } paid)
        {
            AttemptReceipts.Write(batch, subject, leaseId, verdict, null, nowMs);
            return;
        }

        journal.Add("credit.posted", EventData.Of(("subtaskId", subject.SubtaskId), ("credits", paid.Mc / 1000m)));
        ContributionReports.Add(batch, new()
        {
            ReportId = leaseId,
            AgentId = subject.AgentId,
            TaskId = subject.TaskId,
            AccountId = paid.RewardAccountId,
            PayerAccountId = paid.PayerAccountId,
            ResourceClass = subject.ResourceClass,
            LeaseMs = ms,
            Verified = verified,
            QualityBps = quality,
            SameOwner = paid.SameOwner,
            PaidMc = paid.Mc,
            WeightMicro = ContributionWeight.Of(ms, subject.ResourceClass, quality, verified ? ContributionWeight.VerifiedBps : ContributionWeight.UnverifiedBps),
            TimestampMs = nowMs,
        }, new(subject.SubtaskId, subject.LoadBps, subject.ModelBps, paid.TransferId));
        AttemptReceipts.Write(batch, subject, leaseId, verdict, (paid.Mc, paid.TransferId), nowMs);
    }
}

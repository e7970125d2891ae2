using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Charges;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Pays an attempt by the formula (economy-and-ledger 3): the coordinator's own measure of its time, at most its budget and cap.</summary>
internal static class AttemptPay
{
    /// <summary>Posts the charge of a lease, once; text that nobody ran again is paid at half quality, or not at all by policy.</summary>
    public static void Post(IStoreBatch batch, VerdictSubject subject, string leaseId, bool verified, QueueOptions options, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        changes.LeaseEnded(subject.Partition, leaseId, subject.TaskId);
        if (subject.Candidate)
        {
            return;
        }

        if (!verified && !options.PayUnverified)
        {
            TaskCharges.Return(batch, leaseId, nowMs);
            return;
        }

        var quality = verified ? subject.QualityBps : Math.Min(subject.QualityBps, EarningFormula.UnverifiedQualityBps);
        var earned = EarningFormula.Earn(Math.Min(subject.LeaseMs, subject.BudgetMs), subject.ResourceClass, quality, subject.LoadBps, subject.ModelBps).Value;
        TaskCharges.Post(batch, leaseId, earned, nowMs);
        journal.Add("credit.posted", EventData.Of(("subtaskId", subject.SubtaskId), ("credits", earned / 1000m)));
        LogOutbox.Append(batch, "earnings_accrual", subject.TaskId, subject.SubtaskId, subject.AgentId, EventData.Of(("leaseId", leaseId), ("earnedMc", earned)), nowMs);
    }
}

using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What the log says of a paid lease beside its report.</summary>
/// <param name="SubtaskId">What was worked on.</param>
/// <param name="LoadBps">Load factor of the lease.</param>
/// <param name="ModelBps">Model factor of the lease.</param>
/// <param name="TransferId">The transfer that paid it.</param>
internal readonly record struct Accrual(string SubtaskId, int LoadBps, int ModelBps, string TransferId);

/// <summary>Contribution reports and the leaves that tell of them: one number in the account, in the report and in the log (economy-and-ledger 3.2, 10).</summary>
internal static class ContributionReports
{
    /// <summary>Adds both; a lease that has its report already (<c>duplicate_contribution_report</c>) is left alone, and false is given.</summary>
    public static bool Add(IStoreBatch batch, ComputeContributionReportRow report, Accrual accrual)
    {
        if (!batch.TryInsert(report))
        {
            return false;
        }

        LogOutbox.Append(
            batch,
            "earnings_accrual",
            report.TaskId,
            accrual.SubtaskId,
            report.AccountId,
            EventData.Of(
                ("accountId", report.AccountId),
                ("creditsMc", report.PaidMc),
                ("leaseMs", report.LeaseMs),
                ("loadBps", accrual.LoadBps),
                ("modelBps", accrual.ModelBps),
                ("payerAccountId", report.PayerAccountId),
                ("qualityBps", report.QualityBps),
                ("resourceClass", EnumText.Of(report.ResourceClass)),
                ("sameOwner", report.SameOwner),
                ("sourceAgentId", report.AgentId),
                ("transferId", accrual.TransferId),
                ("verdict", report.Verified ? "accepted" : "unverified"),
                ("weightMicro", report.WeightMicro)),
            report.TimestampMs);
        return true;
    }
}

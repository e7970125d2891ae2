using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Issuance;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>How rows of issuance are shown.</summary>
internal static class IssuanceViews
{
    private const int Decimals = 6;

    /// <summary>An epoch.</summary>
    public static IssuanceEpochView Show(this IssuanceEpochRow row) => new(
        row.IssuanceEpochId, row.CoordinatorId, row.WindowStartMs, row.WindowEndMs, Millionths(row.LoadIndex), Credits(row.DailyPoolMc), Credits(row.SlotPoolMc), Millionths(row.TotalWeightMicro), row.ContributionCount,
        row.Finalized, row.CreatedAtMs, row.ProposalHash);

    /// <summary>An allocation.</summary>
    public static AllocationView Show(this IssuanceAllocationRow row, long totalWeightMicro) => new(
        row.AllocationId, row.IssuanceEpochId, row.HomeCoordinatorId, row.AccountId, Millionths(row.WeightMicro),
        new IssuanceAllocation(row.AccountId, row.HomeCoordinatorId, row.IssuedMc, row.WeightMicro).Share(totalWeightMicro), Credits(row.IssuedMc), row.CreatedAtMs, row.PostedAtMs is not null);

    /// <summary>Millionths as a number with six decimals.</summary>
    public static decimal Millionths(long value) => new(unchecked((int)value), (int)(value >> 32), 0, false, Decimals);

    private static decimal Credits(long mc) => new Millicredits(mc).Credits;
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>The rows of epochs and allocations, in a transaction.</summary>
internal static class EpochBook
{
    /// <summary>Whether an epoch is final; null where there is none.</summary>
    public static bool? IsFinal(IStoreBatch batch, string epochId) =>
        batch.Query("SELECT finalized FROM issuance_epochs WHERE issuance_epoch_id = $1", row => (bool?)row.Flag(0), epochId) is [var final] ? final : null;

    /// <summary>Load of the last final epoch before a slot's end; null without one.</summary>
    public static long? LoadBefore(IStoreBatch batch, long slotEndMs) =>
        batch.Query("SELECT load_index FROM issuance_epochs WHERE finalized = $1 AND window_end_ms < $2 ORDER BY window_end_ms DESC LIMIT 1", row => (long?)row.Number(0), true, slotEndMs) is [var load] ? load : null;

    /// <summary>Writes a proposal as the epoch of its slot, in place of another open one, with its allocations. A final epoch is left alone, and false is given.</summary>
    public static bool Put(IStoreBatch batch, SignedQuorumRecord record, IssuanceProposal proposal, IssuanceFigures figures, long? finalizedAtMs)
    {
        var epochId = record.Record.EpochId;
        if (IsFinal(batch, epochId) is true)
        {
            return false;
        }

        batch.Execute("DELETE FROM issuance_allocations WHERE issuance_epoch_id = $1", epochId);
        batch.Execute("DELETE FROM issuance_epochs WHERE issuance_epoch_id = $1 AND finalized = $2", epochId, false);
        var written = batch.TryInsert(new IssuanceEpochRow
        {
            IssuanceEpochId = epochId,
            CoordinatorId = record.Record.CoordinatorId,
            ProposalHash = record.ContentHash,
            WindowStartMs = proposal.WindowStartMs,
            WindowEndMs = proposal.WindowEndMs,
            LoadIndex = figures.Load,
            DailyPoolMc = figures.DailyPool.Value,
            SlotPoolMc = figures.SlotPool.Value,
            TotalWeightMicro = figures.TotalWeightMicro,
            ContributionCount = figures.ContributionCount,
            AllocationCount = figures.Allocations.Count,
            Finalized = finalizedAtMs is not null,
            FinalizedAtMs = finalizedAtMs,
            CreatedAtMs = record.Record.CreatedAtMs,
        });
        if (!written)
        {
            throw new QuorumMovedException();
        }

        foreach (var one in figures.Allocations)
        {
            batch.Insert(new IssuanceAllocationRow
            {
                IssuanceEpochId = epochId,
                AccountId = one.AccountId,
                HomeCoordinatorId = one.HomeCoordinatorId,
                AllocationId = TransferOf(epochId, one.AccountId),
                WeightMicro = one.WeightMicro,
                IssuedMc = one.IssuedMc,
                CreatedAtMs = record.Record.CreatedAtMs,
            });
        }

        return true;
    }

    /// <summary>Id of the transfer by which an epoch reaches an account: the same however often it is tried (8.1, 21.3).</summary>
    public static string TransferOf(string epochId, string accountId) => TransferId.Of("issuance", epochId + "\n" + accountId);
}

using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>
/// Posts what final epochs issue to accounts of this coordinator (economy-and-ledger 8.1). Each allocation is one transaction: its mark and its transfer, whose id follows from
/// epoch and account. So any number of tries, silos and restarts move it once, and one account that cannot receive holds up nobody.
/// </summary>
internal sealed partial class IssuancePosting(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, ILogger<IssuancePosting> log)
{
    private const int Page = 256;

    /// <summary>Posts what is due and gives how many allocations were posted.</summary>
    public async Task<int> PostAsync(CancellationToken cancellationToken)
    {
        var posted = 0;
        var after = ("", "");
        while (true)
        {
            var due = await DueAsync(after, cancellationToken).ConfigureAwait(false);
            if (due.Count == 0)
            {
                return posted;
            }

            posted += (await Task.WhenAll(due.Select(one => TryPostAsync(one, cancellationToken))).ConfigureAwait(false)).Count(done => done);
            after = (due[^1].EpochId, due[^1].AccountId);
        }
    }

    private async Task<List<DueAllocation>> DueAsync((string EpochId, string AccountId) after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<IssuanceAllocationRow>()
            .Where(row => row.HomeCoordinatorId == identity.PeerId && row.PostedAtMs == null && row.IssuedMc > 0
                && (row.IssuanceEpochId.CompareTo(after.EpochId) > 0 || (row.IssuanceEpochId == after.EpochId && row.AccountId.CompareTo(after.AccountId) > 0)))
            .Join(context.Set<IssuanceEpochRow>().Where(epoch => epoch.Finalized), row => row.IssuanceEpochId, epoch => epoch.IssuanceEpochId, (row, epoch) => new { row, epoch.FinalizedAtMs })
            .OrderBy(one => one.row.IssuanceEpochId).ThenBy(one => one.row.AccountId)
            .Take(Page)
            .Select(one => new DueAllocation(one.row.IssuanceEpochId, one.row.AccountId, one.row.AllocationId, one.row.IssuedMc, one.FinalizedAtMs!.Value))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryPostAsync(DueAllocation due, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(batch => Post(batch, due), cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            LogNotPosted(due.EpochId, due.AccountId, refusal.Error);
            return false;
        }
    }

    private bool Post(IStoreBatch batch, DueAllocation due)
    {
        if (batch.Execute(
            "UPDATE issuance_allocations SET posted_at_ms = $1 WHERE issuance_epoch_id = $2 AND account_id = $3 AND home_coordinator_id = $4 AND posted_at_ms IS NULL",
            due.AtMs, due.EpochId, due.AccountId, identity.PeerId) == 0)
        {
            return false;
        }

        TransferChain.Run(batch, identity.PeerId, new TransferRow
        {
            TransferId = due.TransferId,
            Phase = TransferPhases.Posted,
            DebitAccountId = SystemAccounts.Issuance,
            CreditAccountId = due.AccountId,
            Amount = due.AmountMc,
            Code = TransferCodes.Issuance,
            Reason = "issuance:" + due.EpochId,
            CreatedAtMs = due.AtMs,
        });
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "What epoch {EpochId} issues to account {AccountId} is not posted yet ({Code}); it is tried again")]
    private partial void LogNotPosted(string epochId, string accountId, string code);

    private sealed record DueAllocation(string EpochId, string AccountId, string TransferId, long AmountMc, long AtMs);
}

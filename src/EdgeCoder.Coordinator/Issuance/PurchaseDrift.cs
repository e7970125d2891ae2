using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>Compares settled purchases with their transfers (economy-and-ledger 8.3): what a purchase moved is known from its row, so what is missing or differs is seen.</summary>
internal sealed class PurchaseDrift(IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, PaymentSettings settings)
{
    private const int Page = 500;

    /// <summary>Looks at every purchase; nothing is written.</summary>
    public async Task<IssuanceReconciliation> LookAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var scanned = await context.Set<PaymentIntentRow>().LongCountAsync(cancellationToken).ConfigureAwait(false);
        var settled = 0L;
        List<string> drift = [];
        for (var after = ""; ;)
        {
            var page = await context.Set<PaymentIntentRow>().Where(row => row.SettledAtMs != null && row.IntentId.CompareTo(after) > 0).OrderBy(row => row.IntentId).Take(Page).AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                return new(drift.Count == 0, scanned, settled, await context.Set<PayoutEventRow>().LongCountAsync(cancellationToken).ConfigureAwait(false), drift);
            }

            (settled, after) = (settled + page.Count, page[^1].IntentId);
            var ids = page.ConvertAll(row => row.IntentId);
            var moved = (await context.Set<TransferRow>().Where(row => row.ChainId != null && ids.Contains(row.ChainId)).AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(row => row.TransferId, StringComparer.Ordinal);
            drift.AddRange(page.Where(row => !IsMoved(row, moved)).Select(row => row.IntentId));
        }
    }

    private bool IsMoved(PaymentIntentRow intent, Dictionary<string, TransferRow> moved) =>
        Settlement.Chain(intent, new(identity.PeerId, settings.FeeAccount), intent.SettledAtMs!.Value).All(wanted => moved.TryGetValue(wanted.TransferId, out var found)
            && (found.Unit, found.Amount, found.DebitAccountId, found.Code) == (wanted.Unit, wanted.Amount, wanted.DebitAccountId, wanted.Code)

            // The account of fees may have been another when it was settled.
            && (wanted.Code == "fee" || found.CreditAccountId == wanted.CreditAccountId));
}

using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Rows of purchases. Every change is one operation of the store, conditional on the state it was decided for; so any number of processes may try it.</summary>
internal sealed class IntentStore(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts)
{
    /// <summary>Purchases that an account may begin in <see cref="LimitWindowMs"/> (economy-and-ledger 6.2).</summary>
    public const int MostInWindow = 5;

    /// <summary>15 minutes.</summary>
    public const long LimitWindowMs = 900_000;

    /// <summary>
    /// Writes a new purchase, or gives the one that the same request made before. Throws 404 <c>account_not_found</c>, 409 <c>account_reserved</c>, 422
    /// <c>idempotency_key_reused</c>, 429 <c>intent_rate_limited</c>.
    /// </summary>
    /// <param name="quote">Makes the row at the price that is in force.</param>
    /// <param name="accountId">Account.</param>
    /// <param name="amountSats">Amount: what the same key must ask for again.</param>
    /// <param name="requestKey">Key of the request; null without.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<(string IntentId, bool IsNew)> AddAsync(
        Func<IStoreBatch, PaymentIntentRow> quote, string accountId, long amountSats, string? requestKey, long nowMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            if (requestKey is not null && batch.Query(
                "SELECT intent_id, account_id, amount_sats FROM payment_intents WHERE request_key = $1", row => (row.Text(0), row.Text(1), row.Number(2)), requestKey) is [var (earlier, account, amount)])
            {
                return account == accountId && amount == amountSats
                    ? (earlier, false)
                    : throw new Refusal(422, "idempotency_key_reused", "This Idempotency-Key was used for another purchase. Use a new one.");
            }

            if (batch.Query("SELECT kind FROM accounts WHERE account_id = $1", row => row.Text(0), accountId) is not [var kind])
            {
                throw new Refusal(404, "account_not_found", "There is no such account here. Open it first.");
            }

            if (kind is not ("user" or "agent"))
            {
                throw new Refusal(409, "account_reserved", "This account belongs to the system and buys nothing. Name an account of a person or team.");
            }

            CheckRate(batch, accountId, nowMs);
            var made = quote(batch);
            batch.Insert(made);
            return (made.IntentId, true);
        },
        cancellationToken);

    /// <summary>Notes the invoice of a purchase that still waits for it; false when it no longer does, or another purchase has that payment hash.</summary>
    public async Task<bool> AttachAsync(string intentId, string invoiceRef, string paymentHash, CancellationToken cancellationToken) => await writer.WriteAsync(
        batch => batch.Execute(
            "UPDATE payment_intents SET invoice_ref = $1, payment_hash = $2 WHERE intent_id = $3 AND status = 'created' AND payment_hash IS NULL AND NOT EXISTS (SELECT 1 FROM payment_intents WHERE payment_hash = $2)",
            invoiceRef, paymentHash, intentId),
        cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Moves a purchase that waits to an end without payment; false when it is in another state.</summary>
    public async Task<bool> EndAsync(string intentId, PaymentStatus status, CancellationToken cancellationToken) => await writer.WriteAsync(
        batch => batch.Execute("UPDATE payment_intents SET status = $1 WHERE intent_id = $2 AND status = 'created'", EnumText.Of(status), intentId), cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Settles; false when somebody else has.</summary>
    public Task<bool> SettleAsync(PaymentIntentRow intent, ProvenPayment payment, SettlementTerms terms, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => Settlement.Apply(batch, intent, payment, terms), cancellationToken);

    /// <summary>Notes that the provider was asked.</summary>
    public Task NoteAskedAsync(string intentId, long nowMs, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => batch.Execute("UPDATE payment_intents SET asked_at_ms = $1 WHERE intent_id = $2", nowMs, intentId), cancellationToken);

    /// <summary>A purchase; null when there is none.</summary>
    public Task<PaymentIntentRow?> FindAsync(string intentId, CancellationToken cancellationToken) => OneAsync(rows => rows.Where(row => row.IntentId == intentId), cancellationToken);

    /// <summary>The purchase of an invoice; null when there is none.</summary>
    public Task<PaymentIntentRow?> FindByInvoiceAsync(string invoiceRef, CancellationToken cancellationToken) => OneAsync(rows => rows.Where(row => row.InvoiceRef == invoiceRef), cancellationToken);

    /// <summary>Its fee; null without.</summary>
    public async Task<FeeEventRow?> FeeAsync(string intentId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<FeeEventRow>().SingleOrDefaultAsync(row => row.IntentId == intentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Purchases that wait, those asked about longest ago first, the older before the younger.</summary>
    public Task<List<PaymentIntentRow>> OpenAsync(int most, CancellationToken cancellationToken) =>
        ManyAsync(rows => rows.Where(row => row.Status == PaymentStatus.Created), most, cancellationToken);

    /// <summary>Purchases that ended unpaid after a moment and have an invoice that may still be paid.</summary>
    public Task<List<PaymentIntentRow>> EndedAsync(long endedAfterMs, int most, CancellationToken cancellationToken) => ManyAsync(
        rows => rows.Where(row => (row.Status == PaymentStatus.Expired || row.Status == PaymentStatus.Cancelled) && row.PaymentHash != null && row.ExpiresAtMs > endedAfterMs), most, cancellationToken);

    /// <summary>Purchases of an account, the newest first.</summary>
    public async Task<List<PaymentIntentRow>> OfAsync(string accountId, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PaymentIntentRow>().Where(row => row.AccountId == accountId).OrderByDescending(row => row.CreatedAtMs).ThenBy(row => row.IntentId).Take(most)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    // Counted in the transaction that adds one, so that several silos do not each give all of it.
    private static void CheckRate(IStoreBatch batch, string accountId, long nowMs)
    {
        var recent = batch.Query(
            "SELECT created_at_ms FROM payment_intents WHERE account_id = $1 AND created_at_ms > $2 ORDER BY created_at_ms DESC", row => row.Number(0), accountId, nowMs - LimitWindowMs);
        if (recent.Count >= MostInWindow)
        {
            throw new Refusal(429, "intent_rate_limited", "An account begins at most 5 purchases in 15 minutes. Pay or wait for one that is open.")
            {
                RetryAfter = (int)Math.Max(1, (recent[MostInWindow - 1] + LimitWindowMs - nowMs + 999) / 1000),
            };
        }
    }

    private async Task<PaymentIntentRow?> OneAsync(Func<IQueryable<PaymentIntentRow>, IQueryable<PaymentIntentRow>> which, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await which(context.Set<PaymentIntentRow>()).OrderBy(row => row.IntentId).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<PaymentIntentRow>> ManyAsync(Func<IQueryable<PaymentIntentRow>, IQueryable<PaymentIntentRow>> which, int most, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await which(context.Set<PaymentIntentRow>()).OrderBy(row => row.AskedAtMs).ThenBy(row => row.CreatedAtMs).Take(most).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}

using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What became of a chain.</summary>
internal enum ChainOutcome
{
    /// <summary>It was written.</summary>
    Posted,

    /// <summary>It was there already, with the same content: nothing was written.</summary>
    Exists,
}

/// <summary>
/// Linked transfers: all of them or none, in the transaction of the business event that causes them (economy-and-ledger 2, rules 1 to 5). The constraints of an
/// account are asked of what the whole chain leaves of it. Accounts of the system are opened by their first transfer, others are there or the chain is refused.
/// </summary>
internal static class TransferChain
{
    /// <summary>
    /// Runs a chain of new transfers of any phase and tells the log of each that posts. Throws <see cref="Refusal"/>: 400 <c>amount_out_of_range</c>, 400
    /// <c>unit_mismatch</c>, 402 <c>insufficient_credits</c>, 404 <c>account_not_found</c>, 404 <c>transfer_not_found</c>, 409 <c>transfer_id_conflict</c>, 409
    /// <c>transfer_resolved</c>, 409 <c>transfer_expired</c>, 503 <c>balance_mismatch</c>; each undoes the whole operation of the batch.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="actorId">Operator or peer that causes it, for the log.</param>
    /// <param name="transfers">In their order. A chain of several carries one <see cref="TransferRow.ChainId"/>.</param>
    public static ChainOutcome Run(IStoreBatch batch, string actorId, params ReadOnlySpan<TransferRow> transfers)
    {
        // 1. Amounts, and what each does to its two accounts.
        var changes = new SortedDictionary<string, AccountChange>(StringComparer.Ordinal);
        foreach (var transfer in transfers)
        {
            Check(transfer, transfers.Length);
            var held = transfer.Phase is TransferPhases.Post or TransferPhases.Void ? Held(batch, transfer) : 0;
            Add(changes, transfer.DebitAccountId, AccountChange.OfDebit(transfer, held));
            Add(changes, transfer.CreditAccountId, AccountChange.OfCredit(transfer, held));
        }

        // 2. The rows. An id that is there already ends it: the same content is an answer, other content a conflict.
        var written = batch.TryInsertAll(transfers);
        if (written != transfers.Length)
        {
            return written == 0 && StoredTransfer.AllThere(batch, transfers) ? ChainOutcome.Exists : throw StoredTransfer.Conflict(batch, transfers);
        }

        // 3. The accounts, in ascending order of their ids as any two writers would lock them.
        foreach (var (account, change) in changes)
        {
            change.Apply(batch, account, transfers[0].CreatedAtMs);
        }

        // 4. The log.
        foreach (var transfer in transfers)
        {
            if (transfer.Phase is TransferPhases.Posted or TransferPhases.Post)
            {
                TransferLog.Append(batch, actorId, transfer);
            }
        }

        return ChainOutcome.Posted;
    }

    private static void Check(TransferRow transfer, int count)
    {
        if (transfer.Amount is < 1 or > Millicredits.Largest)
        {
            throw new Refusal(400, "amount_out_of_range", $"An amount is at least 1 and at most {Millicredits.Largest}, in millicredits or msat.");
        }

        if (count > 1 && transfer.ChainId is null)
        {
            throw new ArgumentException("Linked transfers carry the id of their chain.", nameof(transfer));
        }
    }

    // What the pending transfer that this one ends holds.
    private static long Held(IStoreBatch batch, TransferRow transfer)
    {
        if (batch.Query(
            "SELECT amount, expires_at_ms, debit_account_id, credit_account_id, unit FROM transfers WHERE transfer_id = $1 AND phase = 'pending'",
            row => (Amount: row.Number(0), Expires: row.NumberOrNull(1), Debit: row.Text(2), Credit: row.Text(3), Unit: row.Text(4)), transfer.PendingId) is not [var pending])
        {
            throw new Refusal(404, "transfer_not_found", "There is no pending transfer with this id.");
        }

        if ((pending.Debit, pending.Credit, pending.Unit) != (transfer.DebitAccountId, transfer.CreditAccountId, transfer.Unit))
        {
            throw new ArgumentException("A post or void is between the accounts of what it ends.", nameof(transfer));
        }

        if (transfer.Phase == TransferPhases.Post && pending.Expires <= transfer.CreatedAtMs)
        {
            throw new Refusal(409, "transfer_expired", "The held amount lapsed before this. Hold it again.");
        }

        return transfer.Amount <= pending.Amount
            ? pending.Amount
            : throw new Refusal(400, "amount_out_of_range", "No more than what is held can be moved.");
    }

    private static void Add(SortedDictionary<string, AccountChange> changes, string account, AccountChange change) =>
        changes[account] = changes.TryGetValue(account, out var before) ? before.And(change) : change;
}

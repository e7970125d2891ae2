using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Movements between accounts inside the transaction of the business event that causes them (economy-and-ledger 2). The sum of all balances is zero
/// after each of them. A movement whose id is already there with the same content does nothing.
/// </summary>
internal static class TransferBook
{
    /// <summary>Opens an account unless it is there.</summary>
    public static void Open(IStoreBatch batch, string accountId, string kind, long nowMs) =>
        batch.TryInsert(new AccountRow { AccountId = accountId, Kind = kind, MayOwe = kind == "mint", CreatedAtMs = nowMs });

    /// <summary>Holds an amount. False when the debit account cannot cover it: rule 4. The credit account is opened when it is not there and <paramref name="openAs"/> is given.</summary>
    public static bool Hold(IStoreBatch batch, TransferRow transfer, string? openAs = null)
    {
        if (!Record(batch, transfer, TransferPhases.Pending))
        {
            return true;
        }

        if (batch.Execute(
            "UPDATE accounts SET debits_pending = debits_pending + $1 WHERE account_id = $2 AND (may_owe = $3 OR debits_posted + debits_pending + $1 <= credits_posted + overdraft)",
            transfer.Amount, transfer.DebitAccountId, true) == 0)
        {
            return false;
        }

        Promise(batch, transfer.CreditAccountId, transfer.Amount, openAs, transfer.CreatedAtMs);
        return true;
    }

    /// <summary>
    /// Releases and holds in one chain: all rows with one statement, and each account changed once by what is left of it. The transfers are new ones, pending or
    /// void, and cover each other or are covered by their debit accounts; anything else throws, which undoes the operation.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="openAs">Kind of a credit account that is not there yet.</param>
    /// <param name="transfers">In their order.</param>
    public static void Chain(IStoreBatch batch, string openAs, params ReadOnlySpan<TransferRow> transfers)
    {
        var changes = new List<(string Account, long Debit, long Credit)>(4);
        foreach (var transfer in transfers)
        {
            var sign = transfer switch
            {
                { Amount: > 0, Phase: TransferPhases.Pending } => 1,
                { Amount: > 0, Phase: TransferPhases.Void } => -1,
                _ => throw new ArgumentException("A chain holds and releases amounts above zero.", nameof(transfers)),
            };
            Add(changes, transfer.DebitAccountId, sign * transfer.Amount, 0);
            Add(changes, transfer.CreditAccountId, 0, sign * transfer.Amount);
        }

        if (batch.TryInsertAll(transfers) != transfers.Length)
        {
            throw new InvalidOperationException("A transfer of this chain exists already.");
        }

        foreach (var (account, debit, credit) in changes)
        {
            if (debit != 0 && batch.Execute(
                "UPDATE accounts SET debits_pending = debits_pending + $1, credits_pending = credits_pending + $2 WHERE account_id = $3 AND ($1 <= 0 OR may_owe = $4 OR debits_posted + debits_pending + $1 <= credits_posted + overdraft)",
                debit, credit, account, true) == 0)
            {
                throw new InvalidOperationException("An amount that was held could not be held again.");
            }

            if (debit == 0 && credit != 0)
            {
                Promise(batch, account, credit, openAs, transfers[0].CreatedAtMs);
            }
        }
    }

    /// <summary>Moves <paramref name="transfer"/>'s amount of a held one and releases the rest: rule 2.</summary>
    public static void Post(IStoreBatch batch, TransferRow transfer, long heldAmount, bool earned)
    {
        if (!Record(batch, transfer, TransferPhases.Post))
        {
            return;
        }

        batch.Execute(
            "UPDATE accounts SET debits_pending = debits_pending - $1, debits_posted = debits_posted + $2 WHERE account_id = $3",
            heldAmount, transfer.Amount, transfer.DebitAccountId);
        batch.Execute(
            "UPDATE accounts SET credits_pending = credits_pending - $1, credits_posted = credits_posted + $2, earned = earned + $4 WHERE account_id = $3",
            heldAmount, transfer.Amount, transfer.CreditAccountId, earned ? transfer.Amount : 0L);
    }

    /// <summary>Releases a held amount.</summary>
    public static void Void(IStoreBatch batch, TransferRow transfer)
    {
        if (!Record(batch, transfer, TransferPhases.Void))
        {
            return;
        }

        batch.Execute("UPDATE accounts SET debits_pending = debits_pending - $1 WHERE account_id = $2", transfer.Amount, transfer.DebitAccountId);
        batch.Execute("UPDATE accounts SET credits_pending = credits_pending - $1 WHERE account_id = $2", transfer.Amount, transfer.CreditAccountId);
    }

    /// <summary>Moves an amount at once. False when the debit account cannot cover it.</summary>
    public static bool Move(IStoreBatch batch, TransferRow transfer)
    {
        if (!Record(batch, transfer, TransferPhases.Posted))
        {
            return true;
        }

        if (batch.Execute(
            "UPDATE accounts SET debits_posted = debits_posted + $1 WHERE account_id = $2 AND (may_owe = $3 OR debits_posted + debits_pending + $1 <= credits_posted + overdraft)",
            transfer.Amount, transfer.DebitAccountId, true) == 0)
        {
            return false;
        }

        batch.Execute("UPDATE accounts SET credits_posted = credits_posted + $1 WHERE account_id = $2", transfer.Amount, transfer.CreditAccountId);
        return true;
    }

    private static void Promise(IStoreBatch batch, string accountId, long amount, string? openAs, long nowMs)
    {
        const string Update = "UPDATE accounts SET credits_pending = credits_pending + $1 WHERE account_id = $2";
        if (batch.Execute(Update, amount, accountId) == 0 && openAs is not null)
        {
            Open(batch, accountId, openAs, nowMs);
            batch.Execute(Update, amount, accountId);
        }
    }

    private static void Add(List<(string Account, long Debit, long Credit)> changes, string account, long debit, long credit)
    {
        var at = changes.FindIndex(c => c.Account == account);
        if (at < 0)
        {
            changes.Add((account, debit, credit));
        }
        else
        {
            changes[at] = (account, changes[at].Debit + debit, changes[at].Credit + credit);
        }
    }

    /// <summary>Writes the row; false when it is already there. The same id with other content is refused.</summary>
    private static bool Record(IStoreBatch batch, TransferRow transfer, string phase)
    {
        if (transfer.Amount <= 0 || transfer.Phase != phase)
        {
            throw new ArgumentException("A transfer has an amount above zero and the phase of what is done with it.", nameof(transfer));
        }

        if (batch.TryInsert(transfer))
        {
            return true;
        }

        var same = batch.Query(
            "SELECT phase, debit_account_id, credit_account_id, amount, pending_id FROM transfers WHERE transfer_id = $1",
            row => row.Text(0) == transfer.Phase && row.Text(1) == transfer.DebitAccountId && row.Text(2) == transfer.CreditAccountId
                && row.Number(3) == transfer.Amount && (row.IsNull(4) ? null : row.Text(4)) == transfer.PendingId,
            transfer.TransferId);
        return same is [true] ? false : throw new Refusal(409, "transfer_id_conflict", "A transfer with this id exists with other content. Use a new id.");
    }
}

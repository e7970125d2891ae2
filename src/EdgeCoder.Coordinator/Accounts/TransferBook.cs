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

    /// <summary>Holds an amount. False when the debit account cannot cover it: rule 4.</summary>
    public static bool Hold(IStoreBatch batch, TransferRow transfer)
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

        batch.Execute("UPDATE accounts SET credits_pending = credits_pending + $1 WHERE account_id = $2", transfer.Amount, transfer.CreditAccountId);
        return true;
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

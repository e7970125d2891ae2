using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Movements between accounts inside the transaction of the business event that causes them (economy-and-ledger 2), one at a time and without a read on the common
/// way; <see cref="TransferChain"/> runs several. The sum of all balances is zero after each of them. A movement whose id is already there with the same content
/// does nothing.
/// </summary>
internal static class TransferBook
{
    /// <summary>Opens an account unless it is there. What one of the system is follows from its id.</summary>
    public static void Open(IStoreBatch batch, string accountId, string kind, long nowMs)
    {
        if (!OpenSystem(batch, accountId, nowMs))
        {
            batch.TryInsert(new AccountRow { AccountId = accountId, Kind = kind, MayOwe = kind == "mint", NeverGains = kind == "mint", CreatedAtMs = nowMs });
        }
    }

    /// <summary>Opens an account of the system; false when it is there or the id is not one of the system's.</summary>
    public static bool OpenSystem(IStoreBatch batch, string accountId, long nowMs) => SystemAccounts.Of(accountId) is { } nature && batch.TryInsert(
        new AccountRow { AccountId = accountId, Unit = nature.Unit, Kind = nature.Kind, MayOwe = nature.MayOwe, NeverGains = nature.NeverGains, CreatedAtMs = nowMs });

    /// <summary>Holds an amount. False when the debit account cannot cover it: rule 4. The credit account is opened when it is not there and <paramref name="openAs"/> is given.</summary>
    public static bool Hold(IStoreBatch batch, TransferRow transfer, string? openAs = null)
    {
        if (!Record(batch, transfer, TransferPhases.Pending))
        {
            return true;
        }

        if (!TryHold(batch, transfer) && !(LapsedHolds.Release(batch, transfer.CreatedAtMs, transfer.DebitAccountId) > 0 && TryHold(batch, transfer)))
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
                "UPDATE accounts SET debits_pending = debits_pending + $1, credits_pending = credits_pending + $2 WHERE account_id = $3 AND stopped = $5 AND ($1 <= 0 OR may_owe = $4 OR debits_posted + debits_pending + $1 <= credits_posted + overdraft)",
                debit, credit, account, true, false) == 0)
            {
                throw AccountChange.Why(batch, account, "credit", debit);
            }

            if (debit == 0 && credit != 0)
            {
                Promise(batch, account, credit, openAs, transfers[0].CreatedAtMs);
            }
        }
    }

    /// <summary>Moves <paramref name="transfer"/>'s amount of a held one and releases the rest: rule 2. Its leaf is the caller's to write.</summary>
    public static void Post(IStoreBatch batch, TransferRow transfer, long heldAmount, bool earned)
    {
        if (!Record(batch, transfer, TransferPhases.Post))
        {
            return;
        }

        if (batch.Execute(
                "UPDATE accounts SET debits_pending = debits_pending - $1, debits_posted = debits_posted + $2 WHERE account_id = $3 AND stopped = $4",
                heldAmount, transfer.Amount, transfer.DebitAccountId, false) == 0
            || batch.Execute(
                "UPDATE accounts SET credits_pending = credits_pending - $1, credits_posted = credits_posted + $2, earned = earned + $4 WHERE account_id = $3 AND stopped = $5",
                heldAmount, transfer.Amount, transfer.CreditAccountId, earned ? transfer.Amount : 0L, false) == 0)
        {
            throw AccountChange.Why(batch, transfer.DebitAccountId, transfer.Unit, transfer.Amount);
        }
    }

    /// <summary>Releases a held amount.</summary>
    public static void Void(IStoreBatch batch, TransferRow transfer)
    {
        if (!Record(batch, transfer, TransferPhases.Void))
        {
            return;
        }

        if (batch.Execute("UPDATE accounts SET debits_pending = debits_pending - $1 WHERE account_id = $2 AND stopped = $3", transfer.Amount, transfer.DebitAccountId, false) == 0
            || batch.Execute("UPDATE accounts SET credits_pending = credits_pending - $1 WHERE account_id = $2 AND stopped = $3", transfer.Amount, transfer.CreditAccountId, false) == 0)
        {
            throw AccountChange.Why(batch, transfer.DebitAccountId, transfer.Unit, transfer.Amount);
        }
    }

    private static bool TryHold(IStoreBatch batch, TransferRow transfer) => batch.Execute(
        "UPDATE accounts SET debits_pending = debits_pending + $1 WHERE account_id = $2 AND stopped = $4 AND (may_owe = $3 OR debits_posted + debits_pending + $1 <= credits_posted + overdraft)",
        transfer.Amount, transfer.DebitAccountId, true, false) == 1;

    private static void Promise(IStoreBatch batch, string accountId, long amount, string? openAs, long nowMs)
    {
        const string Update = "UPDATE accounts SET credits_pending = credits_pending + $1 WHERE account_id = $2 AND stopped = $3";
        if (batch.Execute(Update, amount, accountId, false) == 1)
        {
            return;
        }

        if (openAs is not null)
        {
            Open(batch, accountId, openAs, nowMs);
        }

        if (openAs is null || batch.Execute(Update, amount, accountId, false) == 0)
        {
            throw AccountChange.Why(batch, accountId, "credit", amount);
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

        return batch.TryInsert(transfer) || (StoredTransfer.IsSame(batch, transfer) is true ? false : throw StoredTransfer.Conflict(batch, [transfer]));
    }
}

using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What accounts have and have done, as their members see it (economy-and-ledger 2, 4). What lapsed counts as free.</summary>
internal static class AccountReads
{
    private const int MostEntries = 200;

    // Both sides of an account, each by its index; what is pending is shown while it is open. $2, $3: where the page begins; $4: now.
    private const string Entries =
        """
        SELECT * FROM (
          SELECT t.transfer_id, t.phase, t.code, t.reason, t.amount, t.created_at_ms, t.related_task_id, 0 AS gets, t.unit FROM transfers t
          WHERE t.debit_account_id = $1 AND t.phase <> 'void' AND (t.phase <> 'pending' OR ((t.expires_at_ms IS NULL OR t.expires_at_ms > $4) AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.transfer_id)))
            AND (t.created_at_ms < $2 OR (t.created_at_ms = $2 AND t.transfer_id < $3)) ORDER BY t.created_at_ms DESC, t.transfer_id DESC LIMIT $5) AS gave
        UNION ALL SELECT * FROM (
          SELECT t.transfer_id, t.phase, t.code, t.reason, t.amount, t.created_at_ms, t.related_task_id, 1 AS gets, t.unit FROM transfers t
          WHERE t.credit_account_id = $1 AND t.phase IN ('posted', 'post')
            AND (t.created_at_ms < $2 OR (t.created_at_ms = $2 AND t.transfer_id < $3)) ORDER BY t.created_at_ms DESC, t.transfer_id DESC LIMIT $5) AS got
        """;

    /// <summary>Balance, what is held and what can be spent. Throws 404 <c>account_not_found</c>.</summary>
    public static BalanceAnswer Balance(IStoreBatch batch, string accountId, long nowMs)
    {
        if (batch.Query(
            "SELECT unit, credits_posted - debits_posted, debits_pending, overdraft FROM accounts WHERE account_id = $1",
            row => (Unit: row.Text(0), Balance: row.Number(1), Held: row.Number(2), Overdraft: row.Number(3)), accountId) is not [var account])
        {
            throw new Refusal(404, "account_not_found", "The account does not exist here. Name one of your accounts.");
        }

        var held = account.Held == 0 ? 0 : account.Held - LapsedHolds.Of(batch, accountId, nowMs);
        return new(accountId, account.Unit, Shown(account.Balance, account.Unit), Shown(held, account.Unit), Shown(account.Balance - held + account.Overdraft, account.Unit));
    }

    /// <summary>Entries before one of them, or the newest. At most 200.</summary>
    public static HistoryAnswer History(IStoreBatch batch, string accountId, int? limit, string? before, long nowMs)
    {
        if (limit is < 1 or > MostEntries)
        {
            throw Refusal.Invalid([new("limit", "1 to 200")]);
        }

        var (beforeMs, beforeId) = (long.MaxValue, "");
        if (before is not null)
        {
            beforeMs = batch.Query("SELECT created_at_ms FROM transfers WHERE transfer_id = $1", row => row.Number(0), before) is [var at]
                ? at
                : throw Refusal.Invalid([new("before", "the txId of an entry")]);
            beforeId = before;
        }

        var most = limit ?? 50;
        var entries = batch.Query(
            Entries,
            row => new HistoryEntry(
                row.Text(0), accountId, Type(row.Text(1), row.Text(2), row.Flag(7)), Amount(row), Reason(row.Text(2), row.Text(3), row.Flag(7)), row.Number(5), row.TextOrNull(6)),
            accountId, beforeMs, beforeId, nowMs, (long)most);
        return new(accountId, [.. entries.OrderByDescending(entry => entry.TimestampMs).ThenByDescending(entry => entry.TxId, StringComparer.Ordinal).Take(most)]);
    }

    /// <summary>An amount as it is shown: credits with three decimals, or msat.</summary>
    public static decimal Shown(long amount, string unit) => unit == "credit" ? CreditText.Of(amount) : amount;

    /// <summary>How an entry is called: only a correction carries a sign.</summary>
    internal static string Type(string phase, string code, bool gets) => (phase, code) switch
    {
        (_, "adjust") => "adjust",
        ("pending", _) => "held",
        _ => gets ? "earn" : "spend",
    };

    private static decimal Amount(StoreRow row) => (row.Text(2) == "adjust" && !row.Flag(7) ? -1 : 1) * Shown(row.Number(4), row.Text(8));

    // The two sides of a task payment have a name each; the row has the one of who is paid.
    private static string Reason(string code, string reason, bool gets) => (code, gets) switch
    {
        ("task_payment", false) when reason == "compute_contribution" => "task_submit",
        _ => reason,
    };
}

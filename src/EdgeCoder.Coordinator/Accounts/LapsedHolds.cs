using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Pending transfers count as void from their end on (economy-and-ledger 2, rule 2). Balances leave them out at once; the void itself is written by the sweeper, or
/// earlier when an account needs what it would free. Holds of tasks are found by their charges, everything else by the transfers themselves.
/// </summary>
internal static class LapsedHolds
{
    private const int MostAtOnce = 500;

    // $1: now.
    private const string Others =
        "t.phase = 'pending' AND t.expires_at_ms IS NOT NULL AND t.code <> 'task_reserve' AND t.expires_at_ms <= $1 AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.transfer_id)";

    private const string Tasks = "NOT ended AND hold_id IS NOT NULL AND hold_until_ms <= $1";

    /// <summary>Writes the voids of lapsed ones, of one account that holds them or of all; gives how many. At most 500 of each kind at once.</summary>
    public static int Release(IStoreBatch batch, long nowMs, string? accountId = null)
    {
        object?[] values = accountId is null ? [nowMs] : [nowMs, accountId];
        var lapsed = batch.Query(
            $"SELECT t.transfer_id, t.debit_account_id, t.credit_account_id, t.unit, t.amount, t.code, t.reason, t.related_task_id, t.chain_id FROM transfers t WHERE {Others}{(accountId is null ? "" : " AND t.debit_account_id = $2")} LIMIT {MostAtOnce}",
            row => Void(row, nowMs), values);
        foreach (var transfer in lapsed)
        {
            TransferBook.Void(batch, transfer);
        }

        var tasks = batch.Query($"SELECT task_id FROM task_charges WHERE {Tasks}{(accountId is null ? "" : " AND account_id = $2")} LIMIT {MostAtOnce}", row => row.Text(0), values);
        foreach (var task in tasks)
        {
            TaskCharges.Lapse(batch, task, nowMs);
        }

        return lapsed.Count + tasks.Count;
    }

    /// <summary>Renews the holds of tasks that end before a moment and have not lapsed; gives how many. At most 500 at once.</summary>
    public static int Renew(IStoreBatch batch, long beforeMs, long nowMs)
    {
        var tasks = batch.Query(
            $"SELECT task_id FROM task_charges WHERE NOT ended AND hold_id IS NOT NULL AND hold_until_ms > $1 AND hold_until_ms < $2 LIMIT {MostAtOnce}", row => row.Text(0), nowMs, beforeMs);
        foreach (var task in tasks)
        {
            TaskCharges.Renew(batch, task, nowMs);
        }

        return tasks.Count;
    }

    /// <summary>What an account holds that has lapsed and is not voided yet.</summary>
    public static long Of(IStoreBatch batch, string accountId, long nowMs) =>
        batch.Query($"SELECT COALESCE(SUM(t.amount), 0) FROM transfers t WHERE {Others} AND t.debit_account_id = $2", row => row.Number(0), nowMs, accountId)[0]
        + batch.Query($"SELECT COALESCE(SUM(held_mc), 0) FROM task_charges WHERE {Tasks} AND account_id = $2", row => row.Number(0), nowMs, accountId)[0];

    private static TransferRow Void(StoreRow row, long nowMs) => new()
    {
        TransferId = TransferId.Of("lapse", row.Text(0)),
        ChainId = row.TextOrNull(8),
        Phase = TransferPhases.Void,
        DebitAccountId = row.Text(1),
        CreditAccountId = row.Text(2),
        Unit = row.Text(3),
        Amount = row.Number(4),
        PendingId = row.Text(0),
        Code = row.Text(5),
        Reason = row.Text(6),
        RelatedTaskId = row.TextOrNull(7),
        CreatedAtMs = nowMs,
    };
}

using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>All accounts, a page at a time, with the sums over all of them: what <c>edgecoder credits</c> shows.</summary>
internal static class AccountTables
{
    /// <summary>Accounts after one of them, in the order of their ids.</summary>
    public static AccountTable Read(IStoreBatch batch, int limit, string? after)
    {
        var accounts = batch.Query(
            "SELECT account_id, unit, kind, credits_posted - debits_posted, debits_pending, overdraft FROM accounts WHERE account_id > $1 ORDER BY account_id LIMIT $2",
            row => new ListedAccount(
                row.Text(0),
                row.Text(1),
                row.Text(2),
                AccountReads.Shown(row.Number(3), row.Text(1)),
                AccountReads.Shown(row.Number(4), row.Text(1)),
                AccountReads.Shown(row.Number(3) - row.Number(4) + row.Number(5), row.Text(1))),
            after ?? "", (long)limit);
        var sums = batch.Query(
            "SELECT unit, COUNT(*), SUM(credits_posted - debits_posted), SUM(CASE WHEN stopped THEN 1 ELSE 0 END) FROM accounts GROUP BY unit ORDER BY unit",
            row => (Sum: new ListedSum(row.Text(0), row.Number(1), AccountReads.Shown(row.Number(2), row.Text(0))), Stopped: row.Number(3)));
        return new(accounts, [.. sums.Select(unit => unit.Sum)], sums.Exists(unit => unit.Stopped > 0), accounts.Count == limit ? accounts[^1].AccountId : null);
    }
}

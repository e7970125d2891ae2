using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using EdgeCoder.Coordinator.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Rebuilds the counters of all accounts from their transfers and, separately, from what the log was told, and compares (economy-and-ledger 2, rule 6). Every step
/// is one statement, which sees one state of the store; nothing is written.
/// </summary>
internal sealed class BookCheck(IDbContextFactory<CoordinatorContext> contexts)
{
    private const int MostDifferences = 100;

    // What the transfers say, less what the counters say. The pending amount of a post or void is that of the transfer it ended.
    private const string Transfers =
        """
        SELECT account_id, CAST(SUM(dp) AS bigint), CAST(SUM(dd) AS bigint), CAST(SUM(cp) AS bigint), CAST(SUM(cc) AS bigint) FROM (
          SELECT debit_account_id AS account_id, CASE WHEN phase = 'pending' THEN amount ELSE 0 END AS dp, CASE WHEN phase IN ('posted', 'post') THEN amount ELSE 0 END AS dd, 0 AS cp, 0 AS cc FROM transfers
          UNION ALL
          SELECT credit_account_id, 0, 0, CASE WHEN phase = 'pending' THEN amount ELSE 0 END, CASE WHEN phase IN ('posted', 'post') THEN amount ELSE 0 END FROM transfers
          UNION ALL
          SELECT p.debit_account_id, -p.amount, 0, 0, 0 FROM transfers r JOIN transfers p ON p.transfer_id = r.pending_id
          UNION ALL
          SELECT p.credit_account_id, 0, 0, -p.amount, 0 FROM transfers r JOIN transfers p ON p.transfer_id = r.pending_id
          UNION ALL
          SELECT account_id, -debits_pending, -debits_posted, -credits_pending, -credits_posted FROM accounts
        ) AS parts GROUP BY account_id HAVING SUM(dp) <> 0 OR SUM(dd) <> 0 OR SUM(cp) <> 0 OR SUM(cc) <> 0 ORDER BY account_id LIMIT 100
        """;

    private const string Limits =
        """
        SELECT account_id, debits_pending, debits_posted, credits_pending, credits_posted FROM accounts
        WHERE debits_pending < 0 OR credits_pending < 0 OR (NOT may_owe AND debits_posted + debits_pending > credits_posted + overdraft) OR (never_gains AND credits_posted > debits_posted)
        ORDER BY account_id LIMIT 100
        """;

    private const string Sums =
        """
        SELECT unit, COUNT(*), CAST(SUM(credits_posted - debits_posted) AS bigint), CAST(SUM(credits_pending - debits_pending) AS bigint), SUM(CASE WHEN stopped THEN 1 ELSE 0 END)
        FROM accounts GROUP BY unit ORDER BY unit
        """;

    // What the log was told, as events that wait and as leaves, and what there is to tell.
    private const string Waiting = "SELECT payload_json FROM log_events WHERE event_type IN ('credit_transfer', 'earnings_accrual')";

    private const string Told = "SELECT leaf FROM log_leaves WHERE event_type IN ('credit_transfer', 'earnings_accrual')";

    private const string Posted =
        """
        SELECT account_id, CAST(SUM(dd) AS bigint), CAST(SUM(cc) AS bigint) FROM (
          SELECT debit_account_id AS account_id, amount AS dd, 0 AS cc FROM transfers WHERE phase IN ('posted', 'post')
          UNION ALL
          SELECT credit_account_id, 0, amount FROM transfers WHERE phase IN ('posted', 'post')
        ) AS parts GROUP BY account_id
        """;

    /// <summary>Checks all of it.</summary>
    public async Task<BookReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var connection = context.Database.GetDbConnection();

        // A transfer and its leaf are one transaction: read in one, both are seen or neither.
        // On SQLite a deferred one, which only reads: the writer goes on meanwhile.
        await using var snapshot = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: true)
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        var sums = await ReadAsync(snapshot, Sums, row => (Sum: new UnitSum(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), Stopped: row.GetInt64(4)), cancellationToken).ConfigureAwait(false);
        var differences = await ReadAsync(snapshot, Transfers, row => Difference(row, "transfers"), cancellationToken).ConfigureAwait(false);
        differences.AddRange(await ReadAsync(snapshot, Limits, row => Difference(row, "limits"), cancellationToken).ConfigureAwait(false));
        differences.AddRange(await CompareLogAsync(snapshot, cancellationToken).ConfigureAwait(false));
        var count = await ReadAsync(snapshot, "SELECT COUNT(*) FROM transfers", row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return new(
            differences.Count == 0 && sums.TrueForAll(unit => unit.Sum is { Balances: 0, Pending: 0 }),
            count[0],
            [.. sums.Select(unit => unit.Sum)],
            [.. differences.Take(MostDifferences)],
            sums.Exists(unit => unit.Stopped > 0));
    }

    private static BookDifference Difference(DbDataReader row, string source) => new(row.GetString(0), source, row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));

    // Sums per account of every leaf, with the sign turned of every posted transfer: what is left was told wrongly, twice or not at all.
    private static async Task<IEnumerable<BookDifference>> CompareLogAsync(DbTransaction snapshot, CancellationToken cancellationToken)
    {
        var left = new Dictionary<string, (long Debits, long Credits)>(StringComparer.Ordinal);
        var unread = 0L;
        await foreach (var leaf in StreamAsync(snapshot, Told, row => LoggedMovement.OfLeaf(row.GetFieldValue<byte[]>(0)), cancellationToken).ConfigureAwait(false))
        {
            Take(leaf);
        }

        await foreach (var leaf in StreamAsync(snapshot, Waiting, row => LoggedMovement.Read(row.GetString(0)), cancellationToken).ConfigureAwait(false))
        {
            Take(leaf);
        }

        await foreach (var (account, debits, credits) in StreamAsync(snapshot, Posted, row => (row.GetString(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken).ConfigureAwait(false))
        {
            Add(left, account, -debits, -credits);
        }

        return left.Where(account => account.Value != default).OrderBy(account => account.Key, StringComparer.Ordinal)
            .Select(account => new BookDifference(account.Key, "log", 0, account.Value.Debits, 0, account.Value.Credits))
            .Concat(unread > 0 ? [new BookDifference("(unreadable)", "log", 0, unread, 0, unread)] : []);

        void Take(LoggedMovement? movement)
        {
            if (movement is not { } told)
            {
                unread++;
                return;
            }

            Add(left, told.DebitAccountId, told.Amount, 0);
            Add(left, told.CreditAccountId, 0, told.Amount);
        }
    }

    private static void Add(Dictionary<string, (long Debits, long Credits)> left, string account, long debit, long credit)
    {
        var before = left.GetValueOrDefault(account);
        left[account] = (checked(before.Debits + debit), checked(before.Credits + credit));
    }

    private static async Task<List<T>> ReadAsync<T>(DbTransaction snapshot, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await foreach (var row in StreamAsync(snapshot, sql, read, cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        return rows;
    }

    private static async IAsyncEnumerable<T> StreamAsync<T>(DbTransaction snapshot, string sql, Func<DbDataReader, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = snapshot.Connection!.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, snapshot);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return read(reader);
        }
    }
}

using System.Data;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Records;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>Whether what is projected of the own log is what the tables say (economy-and-ledger 12).</summary>
/// <param name="Compared">Accounts that were compared.</param>
/// <param name="Differences">Those whose sums differ.</param>
/// <param name="Pending">Accruals that are not projected yet: they wait for the log, or behind the cursor. Nothing is compared while there are some.</param>
internal sealed record Parity(long Compared, long Differences, long Pending);

/// <summary>Compares earnings in one view of the store; nothing is written.</summary>
internal sealed partial class ParityCheck(IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, ILogger<ParityCheck> log)
{
    /// <summary>Compares, and tells the log of the program what differs.</summary>
    public async Task<Parity> RunAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var connection = context.Database.GetDbConnection();
        await using var snapshot = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: true)
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        await context.Database.UseTransactionAsync(snapshot, cancellationToken).ConfigureAwait(false);
        var cursor = await context.Set<ProjectionCursorRow>().Where(row => row.Source == identity.PeerId).Select(row => row.Sequence).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var pending = await context.Set<LogEventRow>().LongCountAsync(row => row.EventType == RecordTypes.EarningsAccrual, cancellationToken).ConfigureAwait(false)
            + await context.Set<LogLeafRow>().LongCountAsync(row => row.Sequence > cursor && row.EventType == RecordTypes.EarningsAccrual, cancellationToken).ConfigureAwait(false);
        var told = await context.Set<ProjectedAccrualRow>().Where(row => row.Source == identity.PeerId).GroupBy(row => row.AccountId)
            .Select(group => new { group.Key, Mc = group.Sum(row => row.CreditsMc), Count = group.LongCount() }).ToDictionaryAsync(one => one.Key, one => (one.Mc, one.Count), cancellationToken).ConfigureAwait(false);
        var kept = await context.Set<ComputeContributionReportRow>().GroupBy(row => row.AccountId)
            .Select(group => new { group.Key, Mc = group.Sum(row => row.PaidMc), Count = group.LongCount() }).ToDictionaryAsync(one => one.Key, one => (one.Mc, one.Count), cancellationToken).ConfigureAwait(false);
        var accounts = told.Keys.Union(kept.Keys, StringComparer.Ordinal).ToList();
        if (pending > 0)
        {
            return new(0, 0, pending);
        }

        var different = accounts.Where(account => told.GetValueOrDefault(account) != kept.GetValueOrDefault(account)).ToList();
        if (different.Count > 0)
        {
            LogMismatch(different.Count);
        }

        return new(accounts.Count, different.Count, 0);
    }

    [LoggerMessage(LogLevel.Warning, "stats_parity_mismatch: earnings of {Count} accounts differ between the log and the tables")]
    private partial void LogMismatch(int count);
}

using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Checks the books at start and every hour (economy-and-ledger 2, rule 6). A difference stops all money writes, on every silo, by a mark on the accounts
/// themselves: each movement asks for it where it writes. An operator who has looked, and put right what was wrong, has it checked again, and only a check without
/// a difference lets money move.
/// </summary>
internal sealed partial class BookKeeper(BookCheck check, SecurityLog security, IStoreWriter writer, TimeProvider time, ILogger<BookKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Checks; stops money when something differs, and lets it move again when nothing does and an operator asked.</summary>
    /// <param name="operatorId">Who asked; null for the hourly check.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<BookReport> CheckAsync(string? operatorId, CancellationToken cancellationToken)
    {
        var report = await check.RunAsync(cancellationToken).ConfigureAwait(false);
        if (!report.Ok)
        {
            foreach (var difference in report.Differences)
            {
                LogMismatch(difference.AccountId, difference.Source, difference.DebitsPending, difference.DebitsPosted, difference.CreditsPending, difference.CreditsPosted);
            }

            LogStopped(report.Differences.Count);
            await MarkAsync(true, cancellationToken).ConfigureAwait(false);
        }
        else if (report.Stopped && operatorId is not null)
        {
            LogMoves(operatorId);
            await MarkAsync(false, cancellationToken).ConfigureAwait(false);
        }

        return report with { Stopped = !report.Ok || (report.Stopped && operatorId is null) };
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TryAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private Task MarkAsync(bool stopped, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                var changed = batch.Execute("UPDATE accounts SET stopped = $1 WHERE stopped <> $1", stopped) > 0;
                if (changed && stopped)
                {
                    security.Add(batch, SecurityEventKind.BalanceMismatch, SecurityLog.Itself, null, "money_writes_stopped", nowMs);
                }

                return changed;
            },
            cancellationToken);
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "balance_mismatch: account {AccountId} differs from its {Source} by held {DebitsPending}, spent {DebitsPosted}, promised {CreditsPending}, received {CreditsPosted}")]
    private partial void LogMismatch(string accountId, string source, long debitsPending, long debitsPosted, long creditsPending, long creditsPosted);

    [LoggerMessage(Level = LogLevel.Critical, Message = "balance_mismatch: the books do not agree at {Count} accounts; nothing is moved until an operator has looked (edgecoder verify balances)")]
    private partial void LogStopped(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The books agree again and operator {OperatorId} lets credits move")]
    private partial void LogMoves(string operatorId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The books could not be checked; that is tried again in an hour")]
    private partial void LogFailed(Exception fault);
}

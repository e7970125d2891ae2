using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// At start and every minute: renews what tasks hold before it lapses, and writes the void of what lapsed (economy-and-ledger 2, 3.2). Safe to run twice and on
/// several silos.
/// </summary>
internal sealed partial class HoldUpkeep(IStoreWriter writer, TimeProvider time, ILogger<HoldUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private const long RenewBeforeMs = TaskCharges.HoldMs / 2;

    /// <summary>Does it once; gives how many were released.</summary>
    internal Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                LapsedHolds.Renew(batch, nowMs + RenewBeforeMs, nowMs);
                return LapsedHolds.Release(batch, nowMs);
            },
            cancellationToken);
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

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await RunAsync(cancellationToken).ConfigureAwait(false) is var released and > 0)
            {
                LogReleased(released);
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} held amounts lapsed and were given back")]
    private partial void LogReleased(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Held amounts were not renewed or given back; that is tried again in a minute")]
    private partial void LogFailed(Exception fault);
}

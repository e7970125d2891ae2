using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>
/// Forgets the answers of <c>Idempotency-Key</c> after seven days, at start and every hour (economy-and-ledger 1.3). A request that is sent again later is a new one; movements
/// keep their own ids for good. Safe to run twice and on several silos.
/// </summary>
internal sealed partial class IdempotencyPruning(IStoreWriter writer, TimeProvider time, ILogger<IdempotencyPruning> log) : BackgroundService
{
    /// <summary>How long an answer is kept.</summary>
    public const long KeptMs = 604_800_000;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Does it once; gives how many were forgotten.</summary>
    internal Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var beforeMs = time.GetUtcNow().ToUnixTimeMilliseconds() - KeptMs;
        return writer.WriteAsync(batch => batch.Execute("DELETE FROM idempotency_keys WHERE created_at_ms <= $1", beforeMs), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await RunAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(fault);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old answers of Idempotency-Key were not forgotten; that is tried again in an hour")]
    private partial void LogFailed(Exception fault);
}

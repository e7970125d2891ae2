using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Audits;

/// <summary>
/// Publishes the seeds of windows whose leases are all closed, so that everybody can recompute their draws (coordinator-and-mesh 5.3). Safe to run on
/// several silos and twice.
/// </summary>
internal sealed partial class AuditReveals(IStoreWriter writer, TimeProvider time, ILogger<AuditReveals> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Publishes what can be published now, and gives how many.</summary>
    public Task<int> RevealAsync(CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(batch => Reveal(batch, nowMs), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await RevealAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(fault);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // A lease is closed when nothing about its result can change any more: it ended without one, or verdict and audit are there.
    private static int Reveal(IStoreBatch batch, long nowMs)
    {
        var ready = batch.Query(
            """
            SELECT w.window_id, w.seed, w.seed_hash FROM audit_windows w WHERE w.revealed_at_ms IS NULL AND w.ends_at_ms <= $1
                AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.audit_window_id = w.window_id AND l.state IN ('live', 'reported'))
                AND NOT EXISTS (SELECT 1 FROM leases l JOIN results r ON r.lease_id = l.lease_id WHERE l.audit_window_id = w.window_id AND r.state <> 'closed')
            """,
            row => (Id: row.Text(0), Seed: row.Bytes(1), Hash: row.Text(2)), nowMs - AuditWindows.GraceMs);
        var revealed = 0;
        foreach (var window in ready)
        {
            if (batch.Execute("UPDATE audit_windows SET revealed_at_ms = $1 WHERE window_id = $2 AND revealed_at_ms IS NULL", nowMs, window.Id) == 1)
            {
                LogOutbox.Append(
                    batch, RecordTypes.AuditSeed, "audit", window.Id, LogOutbox.Self,
                    $$"""{"seed":"{{Convert.ToHexStringLower(window.Seed)}}","seedHash":"{{window.Hash}}"}""", nowMs);
                revealed++;
            }
        }

        return revealed;
    }

    [LoggerMessage(LogLevel.Error, "Publishing the seeds of audit windows failed; it is tried again in a minute.")]
    private partial void LogFailed(Exception fault);
}

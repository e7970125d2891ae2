using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Witnesses;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>
/// What passes between peers every <c>STATS_LEDGER_SYNC_INTERVAL_MS</c> (economy-and-ledger 9.5, 12): 1. while the own log is held, its witnesses are asked again; 2. of each peer,
/// side by side, its checkpoint and records are pulled; 3. the own newest checkpoint is shown to it for its cosignature. Nothing of this is a leaf. Safe to run twice and on
/// several silos: everything is kept by compare-and-set.
/// </summary>
internal sealed partial class PeerExchange(
    PeerDirectory peers, RollbackCheck rollback, LogHold hold, LogKeeper keeper, MirrorPull pull, WitnessPush push, PeerOptions options, TimeProvider time, ILogger<PeerExchange> logger) : BackgroundService
{
    /// <summary>Once with every peer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1.
        if (hold.Held is not null)
        {
            await rollback.RunAsync(cancellationToken).ConfigureAwait(false);
            if (hold.Held is null)
            {
                keeper.Wake();
            }
        }

        var active = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var verdicts = await Task.WhenAll(active.Select(peer => WithAsync(peer, cancellationToken))).ConfigureAwait(false);

        // A witness that has seen more than this log has: a store was put back while the program ran, or below it.
        if (verdicts.Contains(PushVerdict.SawMore))
        {
            await rollback.RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
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

    private async Task<PushVerdict> WithAsync(PeerRow peer, CancellationToken cancellationToken)
    {
        // 2. Before it is asked to witness: a peer that has just been convicted is not.
        if (await pull.RunAsync(peer, cancellationToken).ConfigureAwait(false) == PullVerdict.Equivocated)
        {
            return PushVerdict.Unanswered;
        }

        // 3.
        return await push.AskAsync(peer, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Warning, "The exchange with peers failed; it is tried again at the next interval")]
    private partial void LogFailed(Exception fault);
}

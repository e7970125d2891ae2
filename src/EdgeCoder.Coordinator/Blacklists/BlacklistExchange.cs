using EdgeCoder.Coordinator.Peers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Pulls from every approved peer at the interval of the exchange; the chain of one that is away from the others. Nothing of it is a leaf. Safe to run twice and on several silos.</summary>
internal sealed partial class BlacklistExchange(PeerDirectory peers, BlacklistPull pull, PeerOptions options, TimeProvider time, ILogger<BlacklistExchange> log) : BackgroundService
{
    /// <summary>Once with every peer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var active = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        foreach (var peer in active)
        {
            var (answered, taken) = await pull.RunAsync(peer, peer, cancellationToken).ConfigureAwait(false);
            foreach (var other in answered ? [] : active.Where(other => other != peer))
            {
                taken += (await pull.RunAsync(peer, other, cancellationToken).ConfigureAwait(false)).Taken;
            }

            if (taken > 0)
            {
                LogTaken(log, peer.PeerId, taken);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await RunAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(log, fault);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Peer {PeerId} has {Count} new events of its blacklist")]
    private static partial void LogTaken(ILogger log, string peerId, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The exchange of blacklists failed; the next one tries again")]
    private static partial void LogFailed(ILogger log, Exception fault);
}

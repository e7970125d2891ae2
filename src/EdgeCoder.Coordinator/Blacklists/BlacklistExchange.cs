using EdgeCoder.Coordinator.Peers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Pulls from every approved peer at the interval of the exchange. Nothing of it is a leaf. Safe to run twice and on several silos.</summary>
internal sealed partial class BlacklistExchange(PeerDirectory peers, BlacklistPull pull, PeerOptions options, TimeProvider time, ILogger<BlacklistExchange> log) : BackgroundService
{
    /// <summary>Once with every peer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var peer in await peers.ActiveAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await pull.RunAsync(peer, cancellationToken).ConfigureAwait(false) is > 0 and var taken)
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

using EdgeCoder.Coordinator.Lightning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Sweeps every 30 seconds (economy-and-ledger 19), unless purchases are off.</summary>
internal sealed partial class PaymentPoller(PaymentSweep sweep, ILightningProvider provider, TimeProvider time, ILogger<PaymentPoller> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (provider.Name == LightningSettings.None)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await SweepAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sweep.OpenAsync(cancellationToken).ConfigureAwait(false);
            await sweep.EndedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Purchases were not all looked at; they are in 30 seconds")]
    private partial void LogFailed(Exception fault);
}

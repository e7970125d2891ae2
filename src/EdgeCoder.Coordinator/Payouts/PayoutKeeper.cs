using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>At start and every minute: divides what waits for a final epoch (economy-and-ledger 8.4), one purchase a transaction. Safe to run twice and on several silos; off where payouts are.</summary>
internal sealed partial class PayoutKeeper(IStoreWriter writer, CoordinatorIdentity identity, PaymentSettings settings, PaymentClock clock, TimeProvider time, ILogger<PayoutKeeper> log, PayoutGate? gate = null) : BackgroundService
{
    private const int Most = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Does it once; gives how many parts were made.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var made = 0;
        if (gate is not null && !await gate(cancellationToken).ConfigureAwait(false))
        {
            return made;
        }

        while (true)
        {
            var waiting = await writer.WriteAsync(
                batch => PayoutWeights.Newest(batch, identity.PeerId) is null ? [] : batch.Query(
                    "SELECT payout_event_id FROM issuance_payout_events WHERE payout_type = 'contributor_unallocated' AND issuance_epoch_id IS NULL ORDER BY created_at_ms, payout_event_id LIMIT $1", row => row.Text(0), (long)Most),
                cancellationToken).ConfigureAwait(false);
            var divided = 0;
            foreach (var payoutEventId in waiting)
            {
                var parts = await AllocateAsync(payoutEventId, cancellationToken).ConfigureAwait(false);
                made += parts;
                divided += parts > 0 ? 1 : 0;
            }

            if (divided < Most)
            {
                return made;
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.Payouts.Enabled)
        {
            return;
        }

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

    private async Task<int> AllocateAsync(string payoutEventId, CancellationToken cancellationToken)
    {
        try
        {
            var nowMs = clock.NowMs;
            return await writer.WriteAsync(batch => PayoutDivision.Allocate(batch, identity.PeerId, payoutEventId, nowMs), cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            // One purchase whose books are stopped keeps nobody else from their part.
            LogRefused(payoutEventId, refusal.Error);
            return 0;
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Payout {PayoutEventId} could not be divided ({Error}); it waits and is tried again")]
    private partial void LogRefused(string payoutEventId, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What waits for an epoch was not divided; that is tried again in a minute")]
    private partial void LogFailed(Exception fault);
}

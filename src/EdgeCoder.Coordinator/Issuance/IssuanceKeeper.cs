using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Quorum;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>
/// Works issuance off at start and after each slot (economy-and-ledger 8.2, 19). Every silo runs one; what one of them has done is done. A slot is drafted once by each
/// process, votes of others are counted and what is due is posted at each tick; the newest final epoch is anchored every <c>ANCHOR_INTERVAL_MS</c>.
/// </summary>
internal sealed partial class IssuanceKeeper(
    IssuanceRound round, IssuancePosting posting, IssuanceDesk desk, AnchorSettings anchors, QuorumMembers members, IssuanceSettings settings, CoordinatorIdentity identity, PaymentClock clock, TimeProvider time, ILogger<IssuanceKeeper> log) : BackgroundService
{
    private static readonly TimeSpan MostBetween = TimeSpan.FromSeconds(10);

    private long _drafted;
    private long? _anchoredAt;

    /// <summary>One tick.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        var nowMs = clock.NowMs;
        var slotEndMs = settings.Terms.SlotEnd(nowMs);
        var propose = _drafted != slotEndMs && await MayProposeAsync(nowMs, slotEndMs, cancellationToken).ConfigureAwait(false);
        var proposed = await round.RunAsync(nowMs, propose, cancellationToken).ConfigureAwait(false);
        await posting.PostAsync(cancellationToken).ConfigureAwait(false);
        _drafted = propose && proposed ? slotEndMs : _drafted;
        if (anchors.Provider != AnchorProviderKind.None && (_anchoredAt is not { } last || time.GetElapsedTime(last) >= settings.AnchorInterval))
        {
            await desk.AnchorAsync(cancellationToken).ConfigureAwait(false);
            _anchoredAt = time.GetTimestamp();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var slot = TimeSpan.FromMilliseconds(settings.Terms.SlotMs);
        using var timer = new PeriodicTimer(slot < MostBetween ? slot : MostBetween, time);
        try
        {
            do
            {
                try
                {
                    await TickAsync(stoppingToken).ConfigureAwait(false);
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

    // The leader at once, anybody after half a slot: a proposal that came meanwhile is voted on first, and then this one is not made.
    private async Task<bool> MayProposeAsync(long nowMs, long slotEndMs, CancellationToken cancellationToken)
    {
        var set = await members.NowAsync(cancellationToken).ConfigureAwait(false);
        return set.Count > 0 && (set[0].CoordinatorId == identity.PeerId || (nowMs - slotEndMs) * 2 >= settings.Terms.SlotMs);
    }

    [LoggerMessage(LogLevel.Warning, "Issuance was not worked off; it is tried again in ten seconds")]
    private partial void LogFailed(Exception fault);
}

using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>In phase 3 nothing that others rely on happens while the log is not final (economy-and-ledger 12).</summary>
internal sealed class FederationGate(AnchorDesk anchors, StatisticsSettings settings)
{
    /// <summary>Whether it may happen.</summary>
    public async Task<bool> IsOpenAsync(CancellationToken cancellationToken) =>
        settings.Phase != LedgerPhase.Enforced || Suffices((await anchors.FinalityAsync(cancellationToken).ConfigureAwait(false)).FinalityState);

    /// <summary>Whether sats may leave: in phase 3 only while the log is anchored and confirmed, because that cannot be taken back.</summary>
    public async Task<bool> MayReleaseAsync(CancellationToken cancellationToken) =>
        settings.Phase != LedgerPhase.Enforced || (await anchors.FinalityAsync(cancellationToken).ConfigureAwait(false)).FinalityState == FinalityState.AnchoredConfirmed;

    /// <summary>Throws <see cref="Refusal"/> 409 <c>federation_not_final</c> unless it may.</summary>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        if (!await IsOpenAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new Refusal(409, "federation_not_final", "The log of this coordinator is not final at the moment, and STATS_LEDGER_PHASE=3 asks for that. See GET /stats/projections/summary.");
        }
    }

    /// <summary>Whether a state is soft-final or better, and not stale.</summary>
    public static bool Suffices(FinalityState state) => state is FinalityState.SoftFinalized or FinalityState.AnchoredPending or FinalityState.AnchoredConfirmed;
}

using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Ledger.Quorum;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>Who is in the quorum set and was heard (economy-and-ledger 12).</summary>
/// <param name="Members">Members, self included.</param>
/// <param name="Heard">Those that gave a valid checkpoint within three sync intervals, self included.</param>
/// <param name="Equivocates">Whether a log of a peer has shown two histories and no operator has decided yet.</param>
internal readonly record struct FederationState(int Members, int Heard, bool Equivocates)
{
    /// <summary>Of a coordinator without peers.</summary>
    public static FederationState Alone { get; } = new(1, 1, false);

    /// <summary>Members that must sign.</summary>
    public int Threshold => QuorumTally.ThresholdOf(Members);
}

/// <summary>Looks at peers and at the logs of theirs that are kept here.</summary>
internal sealed class FederationFacts(PeerDirectory peers, IDbContextFactory<CoordinatorContext> contexts, PeerOptions options, TimeProvider time)
{
    private const int Intervals = 3;
    private const string Equivocation = "log_equivocation";

    /// <summary>Of this moment.</summary>
    public async Task<FederationState> NowAsync(CancellationToken cancellationToken)
    {
        var all = await peers.AllAsync(cancellationToken).ConfigureAwait(false);
        var active = all.Where(peer => peer.Status == PeerStatus.Active).Select(peer => peer.PeerId).ToList();
        var sinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() - (Intervals * (long)options.Every.TotalMilliseconds);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var heard = await context.Set<LogMirrorRow>().CountAsync(row => active.Contains(row.Source) && row.CheckpointSize > 0 && row.Fault == null && row.SeenAtMs >= sinceMs, cancellationToken).ConfigureAwait(false);
        return new(active.Count + 1, heard + 1, all.Any(peer => peer.Status == PeerStatus.Suspended && peer.Reason == Equivocation));
    }
}

using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>A quorum set of more than one, as this coordinator sees it now.</summary>
/// <param name="Members">All, self included, by id.</param>
/// <param name="Leader">Who broadcasts.</param>
internal sealed record AnchorMembers(IReadOnlyList<QuorumPeer> Members, string Leader);

/// <summary>Who anchors for whom (economy-and-ledger 13.2).</summary>
internal sealed class AnchorFederation(QuorumMembers quorum, IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, PeerOptions options, TimeProvider time)
{
    /// <summary>This coordinator.</summary>
    public string Self => identity.PeerId;

    /// <summary>The quorum set and its leader; null for a coordinator that decides alone or is no member: its log is anchored by itself.</summary>
    public async Task<AnchorMembers?> NowAsync(CancellationToken cancellationToken)
    {
        var members = await quorum.NowAsync(cancellationToken).ConfigureAwait(false);
        if (members.Count < 2 || members.All(member => member.CoordinatorId != Self))
        {
            return null;
        }

        var others = members.Select(member => member.CoordinatorId).Where(id => id != Self).ToList();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var heard = await context.Set<LogMirrorRow>().Where(row => others.Contains(row.Source) && row.CheckpointSize > 0 && row.Fault == null).Select(row => new { row.Source, row.SeenAtMs })
            .ToDictionaryAsync(row => row.Source, row => row.SeenAtMs, cancellationToken).ConfigureAwait(false);
        return new(members, AnchorLeader.Of(Self, heard, time.GetUtcNow().ToUnixTimeMilliseconds(), options.Every));
    }
}

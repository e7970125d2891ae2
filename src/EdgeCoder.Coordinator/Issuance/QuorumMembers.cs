using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>A peer that decides with this coordinator.</summary>
/// <param name="CoordinatorId">Its id.</param>
/// <param name="Key">Its key of this moment.</param>
/// <param name="Keys">The keys that count now, newest first.</param>
internal sealed record QuorumPeer(string CoordinatorId, VerifyingKey Key, IReadOnlyList<VerifyingKey> Keys);

/// <summary>The quorum set of this moment (economy-and-ledger 8.2).</summary>
internal sealed class QuorumMembers(CoordinatorIdentity identity, PeerDirectory peers, IStoreWriter writer, IssuanceSettings settings)
{
    /// <summary>Its members with their keys, in order of their ids.</summary>
    public async Task<IReadOnlyList<QuorumPeer>> NowAsync(CancellationToken cancellationToken)
    {
        List<QuorumPeer> approved = [];
        foreach (var peer in await peers.ActiveAsync(cancellationToken).ConfigureAwait(false))
        {
            var keys = await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
            if (peers.Current(keys) is { } key)
            {
                approved.Add(new(peer.PeerId, key, peers.Counting(keys)));
            }
        }

        var treasury = await writer.WriteAsync(TreasuryRows.ApprovedCoordinators, cancellationToken).ConfigureAwait(false);
        var self = new QuorumPeer(identity.PeerId, identity.Key.PublicKey, identity.PublicKeys);
        var set = QuorumSet.Of((self.CoordinatorId, self.Key.KeyId), approved.Select(peer => (peer.CoordinatorId, peer.Key.KeyId)), treasury, settings.ApprovedCoordinatorIds);
        return [.. set.Select(id => id == self.CoordinatorId ? self : approved.First(peer => peer.CoordinatorId == id))];
    }
}

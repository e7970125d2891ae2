using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>What a leader shows those who follow it: the newest transaction that covers a log, with the proof.</summary>
internal sealed class AnchorSetDesk(AnchorStore store, AnchorSets sets, AnchorSettings settings, LogRows rows, LogTree tree, LogCheckpoints checkpoints)
{
    private const int Looked = 20;

    /// <summary>
    /// The newest that covers a log. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, 422 <c>anchor_network_differs</c> for another network, 404 <c>anchor_set_not_found</c>.
    /// </summary>
    public async Task<AnchorSetAnswer> FindAsync(string? origin, string? network, CancellationToken cancellationToken)
    {
        if (origin is not { Length: > 0 and <= 256 } || !NoteKey.IsName(origin) || network is not { Length: > 0 and <= 16 })
        {
            throw Refusal.Invalid([new("origin", "edgecoder/ and the id of a coordinator"), new("network", "bitcoin, testnet, signet or regtest")]);
        }

        if (network != settings.Network.Name)
        {
            throw new Refusal(422, "anchor_network_differs", $"Anchors are made on {settings.Network.Name} here. Set BITCOIN_NETWORK to the same on both sides.");
        }

        foreach (var row in await store.NewestAsync(AnchorKinds.Stats, network, Looked, cancellationToken).ConfigureAwait(false))
        {
            if (!row.IsFollowed() && row.TxRef.Length > 0 && row.Status is AnchorStatus.Broadcast or AnchorStatus.Anchored && await sets.CoveredByAsync(row.CheckpointHeight, cancellationToken).ConfigureAwait(false) is { } leaf
                && AnchorSet.Of(leaf.Record) is { } set && set.Members.Any(member => member.Origin == origin)
                && await rows.NoteAsync(row.CheckpointHeight, cancellationToken).ConfigureAwait(false) is { } text && SignedNote.TryParse(text, out var note))
            {
                var published = (await checkpoints.NewestAsync(cancellationToken).ConfigureAwait(false)).Checkpoint.Size;
                return new(network, row.TxRef, new()
                {
                    Leaf = Convert.ToBase64String(leaf.Bytes),
                    LeafIndex = leaf.Record.Sequence - 1,
                    TreeSize = row.CheckpointHeight,
                    InclusionProof = [.. InclusionProof.Make(tree.At(published), leaf.Record.Sequence - 1, row.CheckpointHeight).Select(Convert.ToHexStringLower)],
                    Checkpoint = note.Text,
                });
            }
        }

        throw new Refusal(404, "anchor_set_not_found", "No transaction of this coordinator covers that log yet. Ask again after its next round.");
    }
}

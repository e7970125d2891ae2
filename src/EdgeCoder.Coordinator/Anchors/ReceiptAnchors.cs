using System.Text.Json;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Receipts;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>What receipts show of anchors (economy-and-ledger 11).</summary>
internal sealed class ReceiptAnchors(AnchorStore store, AnchorSettings settings)
{
    /// <summary>The oldest anchored checkpoint that covers a record, deep enough; null where none does. A receipt with it names that checkpoint and no newer one.</summary>
    /// <param name="sequence">Sequence of the record, from 1.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(long Height, ReceiptAnchor Anchor)?> OfRecordAsync(long sequence, CancellationToken cancellationToken) =>
        await store.OldestAnchoredAsync(sequence, settings.MinConfirmations, settings.Network.Name, cancellationToken).ConfigureAwait(false) is { } row
            ? (row.CheckpointHeight, new ReceiptAnchor(
                row.TxRef, row.AnchorNetwork, row.PayloadHex(), row.BlockHash, null, row.SetProof is { } proof ? JsonSerializer.Deserialize(proof, LedgerJson.Default.AnchorSetProof) : null))
            : null;
}

using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>The checkpoints of the coordinator's own log: those that a majority of its quorum set has signed (economy-and-ledger 9.6).</summary>
internal sealed class LogAnchorCheckpoints(LogRows rows, LogCosignatures cosignatures) : IAnchorCheckpoints
{
    /// <inheritdoc/>
    public async Task<AnchorCheckpoint?> NewestAsync(CancellationToken cancellationToken) =>
        await cosignatures.SoftFinalAsync(cancellationToken).ConfigureAwait(false) is { Checkpoint: var checkpoint } ? new(checkpoint.Hash, checkpoint.Size) : null;

    /// <inheritdoc/>
    public async Task<bool> HasGrownAsync(long above, long upTo, CancellationToken cancellationToken)
    {
        for (var from = above + 1; from <= upTo;)
        {
            // Almost always the first record is enough.
            var leaves = await rows.LeavesAsync(from, (int)Math.Min(LogRows.Page, upTo - from + 1), cancellationToken).ConfigureAwait(false);
            if (leaves.Count == 0)
            {
                return false;
            }

            if (leaves.Any(leaf => RecordLeaf.TryRead(leaf, out var read) is null && read!.Record.EventType != AnchorSet.EventType))
            {
                return true;
            }

            from += leaves.Count;
        }

        return false;
    }
}

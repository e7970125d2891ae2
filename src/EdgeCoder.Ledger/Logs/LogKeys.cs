using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Logs;

/// <summary>The keys of a log as its own records say them (economy-and-ledger 16.2).</summary>
/// <param name="Chain">As far as it is whole; null where the log does not begin with the announcement of a key.</param>
/// <param name="BrokenAt">The first record that announces a key and does not follow from the one before it; null where all do.</param>
internal sealed record LogKeys(KeyChain? Chain, long? BrokenAt)
{
    /// <summary>Reads every record that announces a key; all others are passed over.</summary>
    public static LogKeys Read(TileFolder folder, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        KeyChain? chain = null;
        for (long index = 0; index * TilePath.Width < checkpoint.Size; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var width = TileHashes.WidthOf(checkpoint.Size, 0, index);
            var at = index;
            if (folder.ReadAtLeast(wide => TilePath.Entries(at, wide), width) is not { } bytes || EntryBundle.Read(bytes) is not { } leaves)
            {
                // What cannot be read is found, and named, by the verification itself.
                continue;
            }

            foreach (var (offset, leafBytes) in leaves.Take(width).Index())
            {
                var sequence = (index * TilePath.Width) + offset + 1;
                if (leafBytes.AsSpan().IndexOf(KeyAnnouncement.Mark) < 0 || RecordLeaf.TryRead(leafBytes, out var leaf) is not null || KeyAnnouncement.StatementOf(leaf!.Record) is not { } statement)
                {
                    continue;
                }

                var fault = chain is not null ? chain.TryFollow(statement, out var longer)
                    : sequence == 1 ? KeyChain.TryBegin(checkpoint.Origin[Checkpoint.OriginOf("").Length..], statement, out longer)
                    : Missing(out longer);
                if (fault is not null)
                {
                    return new(chain, sequence);
                }

                chain = longer;
            }
        }

        return new(chain, null);
    }

    private static KeyFault? Missing(out KeyChain? none)
    {
        none = null;
        return KeyFault.NotNext;
    }
}

using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;

namespace EdgeCoder.Commands;

/// <summary>A head of an audit log that a coordinator's log holds (economy-and-ledger 10, <c>audit_head</c>).</summary>
/// <param name="Seq">Row of the audit log.</param>
/// <param name="Hash">Its hash.</param>
internal sealed record LoggedHead(long Seq, string Hash)
{
    /// <summary>All of a log that was checked, in its order.</summary>
    public static List<LoggedHead> Read(TileFolder files, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var heads = new List<LoggedHead>();
        for (long index = 0; index * TilePath.Width < checkpoint.Size; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (at, width) = (index, TileHashes.WidthOf(checkpoint.Size, 0, index));
            foreach (var bytes in EntryBundle.Read(files.ReadAtLeast(wide => TilePath.Entries(at, wide), width)!)!.Take(width))
            {
                if (RecordLeaf.TryRead(bytes, out var leaf) is not null)
                {
                    throw new IOException("The log changed while it was read.");
                }

                if (leaf!.Record is { EventType: RecordTypes.AuditHead, PayloadJson: { } payload })
                {
                    heads.Add(new(payload.GetProperty("seq").GetInt64(), payload.GetProperty("hash").GetString()!));
                }
            }
        }

        return heads;
    }
}

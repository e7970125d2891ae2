using System.Text;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Logs;

/// <summary>
/// Checks a whole log that lies in files (economy-and-ledger 9, 10), without network: 1. the checkpoint; 2. its keys; 3. every record: form, hash, signature,
/// sequence, link, owner; 4. every tile against the leaves; 5. the root; 6. the witnesses. The first thing that is wrong is named with its place. A log says itself how its key was
/// changed (16.2): from a key that is trusted the others are followed, and every signature is checked with a key that counts at its time.
/// </summary>
public static class LogVerifier
{
    private const int BundlesAtOnce = 16;

    /// <summary>Checks a log. <paramref name="progress"/> is told how many records have been checked.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LogVerdict Check(TileFolder folder, TrustedKeys trust, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // 1.
        if (folder.Read(TileFolder.CheckpointPath) is not { } bytes || !SignedNote.TryParse(Utf8(bytes), out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint))
        {
            return new(ReceiptStanding.Invalid, new(LedgerFault.CheckpointSignatureInvalid, TileFolder.CheckpointPath), null, 0);
        }

        // 2. Without trusted keys the first record's own announcement is taken for granted: the log then fits itself and proves nothing.
        var history = LogKeys.Read(folder, checkpoint, cancellationToken);
        var known = trust.Keys.Count > 0 ? trust : new([.. history.Chain is { } said ? [NoteKey.Of(checkpoint.Origin, NoteKeyType.Ed25519, said.Periods[0].Key)] : Array.Empty<NoteKey>()], 0);
        known = history.Chain is { } chain ? known.Following(chain) : known;
        List<NoteKey> keys = [.. known.Of(checkpoint.Origin)];
        var pass = new Pass(folder, checkpoint, keys, known, history.BrokenAt);
        var finding = keys.Count == 0 ? new(LedgerFault.UnknownKey, TileFolder.CheckpointPath)
            : !keys.Any(note.IsSignedBy) && history.BrokenAt is null ? new(LedgerFault.CheckpointSignatureInvalid, TileFolder.CheckpointPath)

            // 3., 4. and 5.
            : pass.Run(progress, cancellationToken)

            // The checkpoint was signed after its last record.
            ?? (keys.Any(key => !known.HasEnded(key, pass.LastMs) && note.IsSignedBy(key)) ? null : new LogFinding(LedgerFault.KeyOutOfTime, TileFolder.CheckpointPath))

            // 6.
            ?? (known.Witnesses(note) < known.Threshold ? new LogFinding(LedgerFault.QuorumNotReached, TileFolder.CheckpointPath) : null);
        return new(finding is not null ? ReceiptStanding.Invalid : trust.Keys.Count > 0 ? ReceiptStanding.Proven : ReceiptStanding.Consistent, finding, checkpoint, pass.VerifiedTo);
    }

    private static string? Utf8(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private sealed class Pass(TileFolder folder, Checkpoint checkpoint, List<NoteKey> keys, TrustedKeys known, long? brokenAt)
    {
        private readonly TreeFrontier _frontier = new();
        private string _prevHash = OrderingRecord.Genesis;

        // The roots of full tiles, level by level: what the tiles above must hold.
        private readonly List<List<byte[]>> _rows = [];

        public long VerifiedTo => _frontier.Size;

        public long LastMs { get; private set; }

        public LogFinding? Run(IProgress<long>? progress, CancellationToken cancellationToken)
        {
            var bundles = (checkpoint.Size + TilePath.Width - 1) / TilePath.Width;
            for (long start = 0; start < bundles; start += BundlesAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var some = new (IReadOnlyList<RecordLeaf> Leaves, IReadOnlyList<byte[]> Hashes, LogFinding? Finding)[(int)Math.Min(BundlesAtOnce, bundles - start)];

                // What a leaf shows alone is checked side by side; what lies between leaves, in their order.
                var from = start;
                Parallel.For(0, some.Length, new ParallelOptions { CancellationToken = cancellationToken }, at => some[at] = Bundle(from + at));
                for (var at = 0; at < some.Length; at++)
                {
                    if ((InOrder(some[at].Leaves, some[at].Hashes) ?? some[at].Finding ?? Tile(0, start + at, some[at].Hashes)) is { } finding)
                    {
                        return finding;
                    }
                }

                progress?.Report(VerifiedTo);
            }

            return Rows() ?? (_frontier.Root.AsSpan().SequenceEqual(checkpoint.Root) ? null : new(LedgerFault.HashMismatch, "root"));
        }

        // The leaves up to the first that is wrong, and what is wrong with it.
        private (IReadOnlyList<RecordLeaf> Leaves, IReadOnlyList<byte[]> Hashes, LogFinding? Finding) Bundle(long index)
        {
            var width = TileHashes.WidthOf(checkpoint.Size, 0, index);
            var path = TilePath.Entries(index, width);
            var (leaves, hashes) = (new List<RecordLeaf>(width), new List<byte[]>(width));
            if (folder.ReadAtLeast(wide => TilePath.Entries(index, wide), width) is not { } bytes || EntryBundle.Read(bytes) is not { } found || found.Count < width)
            {
                return (leaves, hashes, new(LedgerFault.NotCanonical, path, (index * TilePath.Width) + 1));
            }

            foreach (var leafBytes in found.Take(width))
            {
                var fault = RecordLeaf.TryRead(leafBytes, out var leaf)
                    ?? (!leaf!.HasItsHash ? LedgerFault.HashMismatch
                        : Checkpoint.OriginOf(leaf.Record.CoordinatorId) != checkpoint.Origin ? LedgerFault.UnknownKey
                        : !keys.Any(key => known.Counts(key, leaf.Record.IssuedAtMs) && leaf.IsSignedBy(key.Key)) ? keys.Any(key => leaf.IsSignedBy(key.Key)) ? LedgerFault.KeyOutOfTime : LedgerFault.InvalidSignature
                        : leaf.Record.Sequence == brokenAt ? LedgerFault.KeyChainBroken
                        : null);
                if (fault is { } wrong)
                {
                    return (leaves, hashes, new(wrong, path, (index * TilePath.Width) + leaves.Count + 1));
                }

                leaves.Add(leaf!);
                hashes.Add(leaf!.LeafHash);
            }

            return (leaves, hashes, null);
        }

        private LogFinding? InOrder(IReadOnlyList<RecordLeaf> leaves, IReadOnlyList<byte[]> hashes)
        {
            foreach (var (leaf, hash) in leaves.Zip(hashes))
            {
                var sequence = _frontier.Size + 1;
                var path = TilePath.Entries(_frontier.Size / TilePath.Width, TileHashes.WidthOf(checkpoint.Size, 0, _frontier.Size / TilePath.Width));
                if (leaf.Record.Sequence != sequence)
                {
                    return new(LedgerFault.InvalidSequence, path, sequence);
                }

                if (leaf.Record.PrevHash != _prevHash)
                {
                    return new(LedgerFault.InvalidPrevHash, path, sequence);
                }

                (_prevHash, LastMs) = (leaf.Hash, leaf.Record.IssuedAtMs);
                _frontier.Append(hash);
            }

            return null;
        }

        // A tile of hashes must be exactly what lies below it; a full one gives a hash of the row above.
        private LogFinding? Tile(int level, long index, IReadOnlyList<byte[]> hashes)
        {
            var path = TilePath.Hashes(level, index, hashes.Count);
            if (folder.ReadAtLeast(wide => TilePath.Hashes(level, index, wide), hashes.Count) is not { } tile || tile.Length < hashes.Count * TreeHash.Size)
            {
                return new(LedgerFault.HashMismatch, path);
            }

            for (var at = 0; at < hashes.Count; at++)
            {
                if (!hashes[at].AsSpan().SequenceEqual(tile.AsSpan(at * TreeHash.Size, TreeHash.Size)))
                {
                    return new(LedgerFault.HashMismatch, path, level == 0 ? (index * TilePath.Width) + at + 1 : null);
                }
            }

            if (hashes.Count == TilePath.Width)
            {
                var whole = new TreeFrontier();
                foreach (var hash in hashes)
                {
                    whole.Append(hash);
                }

                while (_rows.Count <= level)
                {
                    _rows.Add([]);
                }

                _rows[level].Add(whole.Root);
            }

            return null;
        }

        private LogFinding? Rows()
        {
            for (var level = 0; level < _rows.Count; level++)
            {
                foreach (var (index, row) in _rows[level].Chunk(TilePath.Width).Index())
                {
                    if (Tile(level + 1, index, row) is { } finding)
                    {
                        return finding;
                    }
                }
            }

            return null;
        }
    }
}

using System.Text;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// The Merkle tree of the log as tiles on disk (C2SP tlog-tiles). It follows from the rows: it is extended with those that it does not have, and made anew when
/// its files are not what the last checkpoint was signed for.
/// </summary>
internal sealed class LogTree(LogRows rows, LogOptions options) : IDisposable
{
    /// <summary>Records before the last checkpoint whose rows are compared with their tiles at the start; all of them are when the tiles are made anew.</summary>
    public const int Tail = 4096;

    private readonly SemaphoreSlim _one = new(1, 1);
    private TileWriter? _tiles;
    private long _reached;

    /// <summary>The files.</summary>
    public TileFolder Folder { get; } = new(options.Directory);

    /// <summary>Hashes of the tree of a published size; every smaller tree is made of them too. Partial tiles are there of published sizes only.</summary>
    public TileHashes At(long size) => new(Folder, size);

    /// <summary>
    /// Checks the tree against the last checkpoint (economy-and-ledger 9.8): 1. the tiles have its root, or are made anew and have it then; 2. the rows of the tail are what the
    /// tiles say; 3. the rows behind it follow one another and are signed.
    /// </summary>
    /// <exception cref="LogRefusedException"><c>ledger_chain_break</c>.</exception>
    public async Task OpenAsync(Checkpoint? newest, LogHead head, CancellationToken cancellationToken)
    {
        var size = newest?.Size ?? 0;
        if (size > head.Size)
        {
            throw LogRows.Broken(head.Size + 1);
        }

        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // 1. and 2.
            if (TryOpen(newest) is { } opened && await FitsTailAsync(size, cancellationToken).ConfigureAwait(false))
            {
                _tiles = opened;
            }
            else
            {
                await MakeAnewAsync(newest, cancellationToken).ConfigureAwait(false);
            }

            _reached = size;

            // 3.
            await CheckUnsignedAsync(size, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Root of the tree of a size; tiles are extended to it where they are not there yet.</summary>
    public async Task<byte[]> RootAsync(long size, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // After a fault in the middle of an append the files are opened anew, at a size that they once had.
            var tiles = _tiles ?? TileWriter.Open(Folder, _reached, durable: true);
            _tiles = null;
            await ExtendAsync(tiles, size, cancellationToken).ConfigureAwait(false);
            (_tiles, _reached) = (tiles, tiles.Size);
            return tiles.Size == size ? tiles.Root : SubtreeHash.RootOf(At(tiles.Size), size);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Writes the file <c>checkpoint</c>.</summary>
    public void Publish(SignedNote note) => Folder.Write(TileFolder.CheckpointPath, Encoding.UTF8.GetBytes(note.ToString()), durable: true);

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private TileWriter? TryOpen(Checkpoint? newest)
    {
        try
        {
            var tiles = TileWriter.Open(Folder, newest?.Size ?? 0, durable: true);
            return newest is null || tiles.Root.AsSpan().SequenceEqual(newest.Root) ? tiles : null;
        }
        catch (KeyNotFoundException)
        {
            return null;
        }
    }

    private async Task<bool> FitsTailAsync(long size, CancellationToken cancellationToken)
    {
        var hashes = At(size);
        for (var from = Math.Max(0, size - Tail); from < size;)
        {
            var leaves = await rows.LeavesAsync(from + 1, (int)Math.Min(LogRows.Page, size - from), cancellationToken).ConfigureAwait(false);
            if (leaves.Count == 0 || !leaves.Select((leaf, at) => hashes[new(0, from + at)].AsSpan().SequenceEqual(TreeHash.Leaf(leaf))).All(same => same))
            {
                return false;
            }

            from += leaves.Count;
        }

        return true;
    }

    private async Task MakeAnewAsync(Checkpoint? newest, CancellationToken cancellationToken)
    {
        Folder.Clear();
        var tiles = TileWriter.Open(Folder, 0, durable: false);
        if (newest is not null)
        {
            await ExtendAsync(tiles, newest.Size, cancellationToken).ConfigureAwait(false);
            if (!tiles.Root.AsSpan().SequenceEqual(newest.Root))
            {
                throw new LogRefusedException(
                    LogRefusedException.ChainBreak,
                    $"The records in the store are not those that the checkpoint of size {newest.Size} was signed for (ledger_chain_break). Nothing is signed with them. Restore the store from a backup, and keep this one as evidence.");
            }
        }

        _tiles = TileWriter.Open(Folder, newest?.Size ?? 0, durable: true);
    }

    private async Task ExtendAsync(TileWriter tiles, long size, CancellationToken cancellationToken)
    {
        while (tiles.Size < size)
        {
            var leaves = await rows.LeavesAsync(tiles.Size + 1, (int)Math.Min(LogRows.Page, size - tiles.Size), cancellationToken).ConfigureAwait(false);
            if (leaves.Count == 0)
            {
                throw LogRows.Broken(tiles.Size + 1);
            }

            tiles.Append(leaves);
        }
    }

    private async Task CheckUnsignedAsync(long size, CancellationToken cancellationToken)
    {
        var prevHash = size == 0 ? OrderingRecord.Genesis : await HashAsync(size, cancellationToken).ConfigureAwait(false);
        for (var from = size; await rows.LeavesAsync(from + 1, LogRows.Page, cancellationToken).ConfigureAwait(false) is { Count: > 0 } leaves; from += leaves.Count)
        {
            foreach (var (at, bytes) in leaves.Index())
            {
                if (RecordLeaf.TryRead(bytes, out var leaf) is not null || !leaf!.HasItsHash || leaf.Record.Sequence != from + at + 1 || leaf.Record.PrevHash != prevHash || !rows.HasSigned(leaf))
                {
                    throw LogRows.Broken(from + at + 1);
                }

                prevHash = leaf.Hash;
            }
        }
    }

    private async Task<string> HashAsync(long sequence, CancellationToken cancellationToken) =>
        await rows.LeavesAsync(sequence, 1, cancellationToken).ConfigureAwait(false) is [var bytes] && RecordLeaf.TryRead(bytes, out var leaf) is null ? leaf!.Hash : throw LogRows.Broken(sequence);
}

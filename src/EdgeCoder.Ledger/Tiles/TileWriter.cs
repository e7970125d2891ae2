using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tiles;

/// <summary>
/// Appends leaves to the tiles of a log. The files follow from the leaves: whatever a crash left of an append is written again by the next one, and is never
/// read, because no checkpoint names its size.
/// </summary>
public sealed class TileWriter
{
    private readonly TileFolder _folder;
    private readonly bool _durable;

    // Rows that are not full yet: the leaves of the last bundle, and of each level the hashes of its last tile.
    private readonly List<byte[]> _entries = [];
    private readonly List<List<byte[]>> _rows = [];
    private readonly TreeFrontier _frontier = new();

    private TileWriter(TileFolder folder, bool durable) => (_folder, _durable) = (folder, durable);

    /// <summary>Leaves.</summary>
    public long Size => _frontier.Size;

    /// <summary>Root of the tree.</summary>
    public byte[] Root => _frontier.Root;

    /// <summary>
    /// Opens the tiles at a size that was once reached; what is there beyond it is of an append that never counted. Throws <see cref="KeyNotFoundException"/>
    /// where a tile is missing or short. With <paramref name="durable"/> every append is on the disk when it returns.
    /// </summary>
    public static TileWriter Open(TileFolder folder, long size, bool durable)
    {
        var writer = new TileWriter(folder, durable);
        for (var level = 0; size >> (TilePath.Height * level) > 0; level++)
        {
            writer._rows.Add(writer.LastRow(level, size));
        }

        var inBundle = (int)(size % TilePath.Width);
        if (inBundle > 0)
        {
            var bundle = folder.ReadAtLeast(width => TilePath.Entries(size / TilePath.Width, width), inBundle);
            var leaves = bundle is null ? null : EntryBundle.Read(bundle);
            writer._entries.AddRange(leaves is { } found && found.Count >= inBundle ? found.Take(inBundle) : throw new KeyNotFoundException($"The log has no whole {TilePath.Entries(size / TilePath.Width, inBundle)}."));
        }

        writer._frontier.Restore(new TileHashes(folder, size), size);
        return writer;
    }

    /// <summary>Appends leaves: full tiles once, and at the end the partial ones of the new size.</summary>
    public void Append(IEnumerable<byte[]> leaves)
    {
        var changed = 0;
        foreach (var leaf in leaves)
        {
            var bundle = Size / TilePath.Width;
            _entries.Add(leaf);
            Push(0, TreeHash.Leaf(leaf), ref changed);
            if (_entries.Count == TilePath.Width)
            {
                Write(TilePath.Entries(bundle), EntryBundle.Write(_entries), isFull: true);
                _entries.Clear();
            }
        }

        if (_entries.Count > 0)
        {
            Write(TilePath.Entries(Size / TilePath.Width, _entries.Count), EntryBundle.Write(_entries), isFull: false);
        }

        for (var level = 0; level <= changed && level < _rows.Count; level++)
        {
            if (_rows[level].Count > 0)
            {
                Write(TilePath.Hashes(level, (Size >> (TilePath.Height * level)) / TilePath.Width, _rows[level].Count), [.. _rows[level].SelectMany(hash => hash)], isFull: false);
            }
        }
    }

    private void Push(int level, byte[] hash, ref int changed)
    {
        if (level == 0)
        {
            _frontier.Append(hash);
        }

        changed = Math.Max(changed, level);
        if (level == _rows.Count)
        {
            _rows.Add([]);
        }

        var row = _rows[level];
        row.Add(hash);
        if (row.Count < TilePath.Width)
        {
            return;
        }

        Write(TilePath.Hashes(level, ((Size >> (TilePath.Height * level)) / TilePath.Width) - 1), [.. row.SelectMany(one => one)], isFull: true);
        var whole = new TreeFrontier();
        row.ForEach(whole.Append);
        row.Clear();
        Push(level + 1, whole.Root, ref changed);
    }

    private void Write(string path, byte[] bytes, bool isFull)
    {
        _folder.Write(path, bytes, _durable);
        if (isFull)
        {
            _folder.RemovePartials(path);
        }
    }

    private List<byte[]> LastRow(int level, long size)
    {
        var nodes = size >> (TilePath.Height * level);
        var width = (int)(nodes % TilePath.Width);
        if (width == 0)
        {
            return [];
        }

        var tile = _folder.ReadAtLeast(wide => TilePath.Hashes(level, nodes / TilePath.Width, wide), width);
        return tile is not null && tile.Length >= width * TreeHash.Size
            ? [.. tile.Chunk(TreeHash.Size).Take(width)]
            : throw new KeyNotFoundException($"The log has no whole {TilePath.Hashes(level, nodes / TilePath.Width, width)}.");
    }
}

using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tiles;

/// <summary>The hashes of a tree of a size, out of its tiles. A tile is read once; nothing is believed here, because who uses a proof checks it against a root.</summary>
/// <param name="folder">The files.</param>
/// <param name="size">Leaves of the tree.</param>
public sealed class TileHashes(TileFolder folder, long size) : ITreeHashes
{
    private readonly Dictionary<(int Level, long Index), byte[]> _read = [];

    /// <inheritdoc/>
    public byte[] this[TreeNode node]
    {
        get
        {
            // A node inside a tile is made of the hashes of the tile's bottom row below it.
            var (level, inside) = Math.DivRem(node.Level, TilePath.Height);
            var first = node.Index << inside;
            var tile = Tile(level, first / TilePath.Width);
            var at = (int)(first % TilePath.Width);
            return Join(tile, at, 1 << inside);
        }
    }

    /// <summary>Hashes that a tile of a tree has: 256, fewer at its right edge, 0 beyond.</summary>
    public static int WidthOf(long size, int level, long index) => (int)Math.Clamp((size >> (TilePath.Height * level)) - (index * TilePath.Width), 0, TilePath.Width);

    private static byte[] Join(byte[] tile, int at, int count) =>
        count == 1
            ? tile.AsSpan(at * TreeHash.Size, TreeHash.Size).ToArray()
            : TreeHash.Node(Join(tile, at, count / 2), Join(tile, at + (count / 2), count / 2));

    private byte[] Tile(int level, long index)
    {
        if (_read.TryGetValue((level, index), out var known))
        {
            return known;
        }

        var width = WidthOf(size, level, index);
        var tile = width == 0 ? null : folder.ReadAtLeast(wide => TilePath.Hashes(level, index, wide), width);
        return tile is not null && tile.Length >= width * TreeHash.Size
            ? _read[(level, index)] = tile
            : throw new KeyNotFoundException($"The log has no whole {TilePath.Hashes(level, index, Math.Max(width, 1))}.");
    }
}

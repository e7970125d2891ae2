using System.Numerics;

namespace EdgeCoder.Ledger.Trees;

/// <summary>
/// The right edge of a growing tree: the roots of the perfect subtrees that its size is made of, largest first. It is all that appending and the root need:
/// at most 63 hashes, whatever the size.
/// </summary>
public sealed class TreeFrontier
{
    private readonly List<byte[]> _roots = [];

    /// <summary>Leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Root of the tree (RFC 6962 section 2.1).</summary>
    public byte[] Root
    {
        get
        {
            if (_roots.Count == 0)
            {
                return TreeHash.Empty;
            }

            var root = _roots[^1];
            for (var at = _roots.Count - 2; at >= 0; at--)
            {
                root = TreeHash.Node(_roots[at], root);
            }

            return root;
        }
    }

    /// <summary>The roots, one behind the other: with <see cref="Size"/> all that is needed to go on.</summary>
    public byte[] Save() => [.. _roots.SelectMany(root => root)];

    /// <summary>What <see cref="Save"/> gave, at its size. Throws <see cref="ArgumentException"/> for bytes that are not of that size.</summary>
    public static TreeFrontier Load(long size, ReadOnlySpan<byte> saved)
    {
        if (size < 0 || saved.Length != BitOperations.PopCount((ulong)size) * TreeHash.Size)
        {
            throw new ArgumentException("These are not the roots of a tree of that size.", nameof(saved));
        }

        var frontier = new TreeFrontier { Size = size };
        for (; !saved.IsEmpty; saved = saved[TreeHash.Size..])
        {
            frontier._roots.Add(saved[..TreeHash.Size].ToArray());
        }

        return frontier;
    }

    /// <summary>Makes this the edge of a tree that is there already.</summary>
    internal void Restore(ITreeHashes hashes, long size)
    {
        _roots.Clear();
        for (var level = 62; level >= 0; level--)
        {
            if ((size >> level & 1) == 1)
            {
                _roots.Add(hashes[new(level, (size >> level) - 1)]);
            }
        }

        Size = size;
    }

    /// <summary>Adds a leaf by its hash.</summary>
    public void Append(byte[] leafHash)
    {
        var joined = leafHash;

        // As many subtrees are complete now as the size has ones at its end.
        for (var complete = BitOperations.TrailingZeroCount(~Size); complete > 0; complete--)
        {
            joined = TreeHash.Node(_roots[^1], joined);
            _roots.RemoveAt(_roots.Count - 1);
        }

        _roots.Add(joined);
        Size++;
    }
}

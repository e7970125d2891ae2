using System.Numerics;

namespace EdgeCoder.Ledger.Trees;

/// <summary>Hashes of ranges of leaves, made of the complete subtrees that they consist of (RFC 6962 section 2.1).</summary>
public static class SubtreeHash
{
    /// <summary>Hash of the tree over the leaves from <paramref name="start"/> to before <paramref name="end"/>, where the range is one that the tree has.</summary>
    public static byte[] Of(ITreeHashes hashes, long start, long end)
    {
        var size = end - start;
        if (BitOperations.IsPow2(size))
        {
            var level = BitOperations.Log2((ulong)size);
            return hashes[new(level, start >> level)];
        }

        var split = SplitOf(size);
        return TreeHash.Node(Of(hashes, start, start + split), Of(hashes, start + split, end));
    }

    /// <summary>Root of the tree of a size.</summary>
    public static byte[] RootOf(ITreeHashes hashes, long size) => size == 0 ? TreeHash.Empty : Of(hashes, 0, size);

    /// <summary>The largest power of two below a size of 2 or more: where the tree divides.</summary>
    public static long SplitOf(long size) => 1L << BitOperations.Log2((ulong)(size - 1));
}

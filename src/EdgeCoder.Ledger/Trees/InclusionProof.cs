namespace EdgeCoder.Ledger.Trees;

/// <summary>That a leaf is in a tree (RFC 9162 section 2.1.3; the same hashes as RFC 6962 section 2.1.1).</summary>
public static class InclusionProof
{
    /// <summary>The hashes beside the way from a leaf to the root, lowest first. Throws <see cref="ArgumentOutOfRangeException"/> for an index outside the tree.</summary>
    public static IReadOnlyList<byte[]> Make(ITreeHashes hashes, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<byte[]>();
        Collect(0, size);
        return path;

        void Collect(long start, long end)
        {
            if (end - start == 1)
            {
                return;
            }

            var middle = start + SubtreeHash.SplitOf(end - start);
            if (index < middle)
            {
                Collect(start, middle);
                path.Add(SubtreeHash.Of(hashes, middle, end));
            }
            else
            {
                Collect(middle, end);
                path.Add(SubtreeHash.Of(hashes, start, middle));
            }
        }
    }

    /// <summary>Whether the proof leads from the leaf's hash to the root (RFC 9162 section 2.1.3.2). Never throws.</summary>
    public static bool Verify(ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        // 1.
        if (index < 0 || index >= size || leafHash.Length != TreeHash.Size || root.Length != TreeHash.Size)
        {
            return false;
        }

        // 2. and 3.
        var (node, last) = (index, size - 1);
        var hash = leafHash.ToArray();

        // 4.
        foreach (var beside in proof)
        {
            if (last == 0 || beside.Length != TreeHash.Size)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = TreeHash.Node(beside, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                hash = TreeHash.Node(hash, beside);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        // 5.
        return last == 0 && root.SequenceEqual(hash);
    }
}

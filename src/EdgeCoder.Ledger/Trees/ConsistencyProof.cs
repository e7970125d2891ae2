using System.Numerics;

namespace EdgeCoder.Ledger.Trees;

/// <summary>That a tree is the beginning of a larger one (RFC 9162 section 2.1.4; the same hashes as RFC 6962 section 2.1.2).</summary>
public static class ConsistencyProof
{
    /// <summary>The hashes that lead from the first root to the second. Throws <see cref="ArgumentOutOfRangeException"/> unless 0 &lt; first ≤ second.</summary>
    public static IReadOnlyList<byte[]> Make(ITreeHashes hashes, long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var proof = new List<byte[]>();
        Collect(0, second, isWhole: true);
        return proof;

        // RFC 6962 SUBPROOF(m, D[n], b), with the range that D[n] is in the tree.
        void Collect(long start, long end, bool isWhole)
        {
            if (first == end)
            {
                if (!isWhole)
                {
                    proof.Add(SubtreeHash.Of(hashes, start, end));
                }

                return;
            }

            var middle = start + SubtreeHash.SplitOf(end - start);
            if (first <= middle)
            {
                Collect(start, middle, isWhole);
                proof.Add(SubtreeHash.Of(hashes, middle, end));
            }
            else
            {
                Collect(middle, end, isWhole: false);
                proof.Add(SubtreeHash.Of(hashes, start, middle));
            }
        }
    }

    /// <summary>Whether the proof leads from the first root to the second (RFC 9162 section 2.1.4.2). Equal sizes need an empty proof and equal roots. Never throws.</summary>
    public static bool Verify(long first, long second, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot) =>
        first == second
            ? first > 0 && proof.Count == 0 && firstRoot.SequenceEqual(secondRoot)
            : Roots(first, second, proof, firstRoot) is var (one, two) && firstRoot.SequenceEqual(one) && secondRoot.SequenceEqual(two);

    /// <summary>
    /// The two roots that a proof speaks of; null for one that has not the form. The first root is in the proof unless <paramref name="first"/> is a power of two: then the given
    /// one is taken for it. A tree has one root of each smaller size, so a proof whose second root is right and whose first is another than was signed shows two histories.
    /// </summary>
    public static (byte[] First, byte[] Second)? Roots(long first, long second, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> firstRoot)
    {
        if (first <= 0 || first >= second || proof.Any(hash => hash.Length != TreeHash.Size))
        {
            return null;
        }

        // 1. and 2.
        var path = BitOperations.IsPow2(first) ? [firstRoot.ToArray(), .. proof] : proof;
        if (path.Count == 0)
        {
            return null;
        }

        // 3. and 4.
        var (node, last) = (first - 1, second - 1);
        while ((node & 1) == 1)
        {
            (node, last) = (node >> 1, last >> 1);
        }

        // 5.
        var (one, two) = (path[0], path[0]);

        // 6.
        foreach (var beside in path.Skip(1))
        {
            if (last == 0)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                (one, two) = (TreeHash.Node(beside, one), TreeHash.Node(beside, two));
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                two = TreeHash.Node(two, beside);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        // 7.
        return last == 0 ? (one, two) : null;
    }
}

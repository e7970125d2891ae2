using CsCheck;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tests.Trees;

/// <summary>Trees and proofs (economy-and-ledger 9; F17).</summary>
public sealed class TreeTests
{
    [Fact]
    public void Roots_are_those_of_the_reference()
    {
        var frontier = new TreeFrontier();
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Convert.ToHexStringLower(frontier.Root));
        foreach (var (leaf, root) in ReferenceTree.Leaves.Zip(ReferenceTree.Roots))
        {
            frontier.Append(TreeHash.Leaf(leaf));
            Assert.Equal(root, Convert.ToHexStringLower(frontier.Root));
        }
    }

    [Fact]
    public void Proofs_are_those_of_the_reference()
    {
        var hashes = new ListedHashes([.. ReferenceTree.Leaves.Select(leaf => TreeHash.Leaf(leaf))]);
        Assert.Equal(ReferenceTree.Inclusion5Of7, InclusionProof.Make(hashes, 5, 7).Select(Convert.ToHexStringLower));
        Assert.Equal(ReferenceTree.Consistency3To7, ConsistencyProof.Make(hashes, 3, 7).Select(Convert.ToHexStringLower));
    }

    [Fact]
    public void Every_proof_of_every_size_up_to_64_is_accepted_and_every_change_of_it_refused()
    {
        var leaves = LeafHashes(64);
        var hashes = new ListedHashes(leaves);
        for (var size = 1; size <= 64; size++)
        {
            var root = ReferenceTree.RootOf([.. leaves.Take(size)]);
            for (var index = 0; index < size; index++)
            {
                var proof = InclusionProof.Make(hashes, index, size);
                Assert.True(InclusionProof.Verify(leaves[index], index, size, proof, root));
                Assert.False(InclusionProof.Verify(leaves[(index + 1) % 64], index, size, proof, root));
                Assert.False(InclusionProof.Verify(leaves[index], index + 1, size, proof, root));
                Assert.False(InclusionProof.Verify(leaves[index], index, size, [.. proof, leaves[0]], root));
                Assert.False(InclusionProof.Verify(leaves[index], index, size, proof, leaves[63]) && size > 1);
                Assert.False(proof.Count > 0 && InclusionProof.Verify(leaves[index], index, size, [.. proof.Skip(1)], root));
                Assert.False(proof.Count > 0 && InclusionProof.Verify(leaves[index], index, size, Changed(proof, index % proof.Count), root));
            }
        }
    }

    [Fact]
    public void Every_consistency_up_to_64_is_accepted_and_every_change_of_it_refused()
    {
        var leaves = LeafHashes(64);
        var hashes = new ListedHashes(leaves);
        var roots = Enumerable.Range(0, 65).Select(size => ReferenceTree.RootOf([.. leaves.Take(size)])).ToList();
        for (var second = 1; second <= 64; second++)
        {
            for (var first = 1; first <= second; first++)
            {
                var proof = ConsistencyProof.Make(hashes, first, second);
                Assert.True(ConsistencyProof.Verify(first, second, proof, roots[first], roots[second]));
                Assert.False(ConsistencyProof.Verify(first, second, [.. proof, leaves[0]], roots[first], roots[second]));
                if (first < second)
                {
                    Assert.False(ConsistencyProof.Verify(first, second, proof, roots[second], roots[second]));
                    Assert.False(ConsistencyProof.Verify(first, second, proof, roots[first], roots[first]));
                    Assert.False(ConsistencyProof.Verify(first, second, Changed(proof, second % proof.Count), roots[first], roots[second]));
                    Assert.False(ConsistencyProof.Verify(first, second, [], roots[first], roots[second]));
                }
            }
        }

        Assert.False(ConsistencyProof.Verify(0, 5, [], TreeHash.Empty, roots[5]));
        Assert.False(ConsistencyProof.Verify(6, 5, [], roots[6], roots[5]));
    }

    [Fact]
    public void Random_sizes_have_their_proofs() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[0, 699], Gen.Int[1, 700]).Sample(
            (size, index, first) =>
            {
                var leaves = LeafHashes(size);
                var hashes = new ListedHashes(leaves);
                var root = ReferenceTree.RootOf(leaves);
                var frontier = new TreeFrontier();
                leaves.ForEach(frontier.Append);
                return frontier.Root.AsSpan().SequenceEqual(root)
                    && InclusionProof.Verify(leaves[index % size], index % size, size, InclusionProof.Make(hashes, index % size, size), root)
                    && (first > size || ConsistencyProof.Verify(first, size, ConsistencyProof.Make(hashes, first, size), ReferenceTree.RootOf([.. leaves.Take(first)]), root));
            },
            iter: 60);

    [Fact]
    public void A_split_view_has_no_proof()
    {
        var (one, other) = (LeafHashes(9), LeafHashes(9));
        other[2] = TreeHash.Leaf([9, 9]);
        var roots = (First: ReferenceTree.RootOf([.. one.Take(5)]), Second: ReferenceTree.RootOf(other));
        Assert.False(ConsistencyProof.Verify(5, 9, ConsistencyProof.Make(new ListedHashes(other), 5, 9), roots.First, roots.Second));
        Assert.False(ConsistencyProof.Verify(5, 9, ConsistencyProof.Make(new ListedHashes(one), 5, 9), roots.First, roots.Second));
    }

    [Fact]
    public void A_proof_asks_for_few_hashes()
    {
        var hashes = new ListedHashes(LeafHashes(500));
        InclusionProof.Make(hashes, 333, 500);
        Assert.InRange(hashes.Asked, 1, 40);
    }

    private static List<byte[]> LeafHashes(int count) => [.. Enumerable.Range(0, count).Select(n => TreeHash.Leaf(BitConverter.GetBytes(n)))];

    private static IReadOnlyList<byte[]> Changed(IReadOnlyList<byte[]> proof, int at)
    {
        var copy = proof.Select(hash => hash.ToArray()).ToList();
        copy[at][31] ^= 1;
        return copy;
    }
}

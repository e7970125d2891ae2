using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tests.Trees;

/// <summary>Hashes of a list of leaves; counts how many are asked for.</summary>
internal sealed class ListedHashes(IReadOnlyList<byte[]> leafHashes) : ITreeHashes
{
    /// <summary>Hashes that were asked for.</summary>
    public int Asked { get; private set; }

    public byte[] this[TreeNode node]
    {
        get
        {
            Asked++;
            var (start, end) = (node.Index << node.Level, (node.Index + 1) << node.Level);
            return end <= leafHashes.Count ? ReferenceTree.RootOf([.. leafHashes.Skip((int)start).Take((int)(end - start))]) : throw new KeyNotFoundException();
        }
    }
}

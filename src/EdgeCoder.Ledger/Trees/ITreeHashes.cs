namespace EdgeCoder.Ledger.Trees;

/// <summary>Where the hashes of complete subtrees are: tiles on a disk, or a list in memory.</summary>
public interface ITreeHashes
{
    /// <summary>Hash of a node. Throws <see cref="KeyNotFoundException"/> for one that is not there yet.</summary>
    byte[] this[TreeNode node] { get; }
}

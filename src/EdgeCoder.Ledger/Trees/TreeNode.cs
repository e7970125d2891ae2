namespace EdgeCoder.Ledger.Trees;

/// <summary>A node of a tree whose subtree is complete.</summary>
/// <param name="Level">Height; 0 is a leaf.</param>
/// <param name="Index">Place among the nodes of its level, from 0: the node covers the leaves from Index × 2^Level on.</param>
public readonly record struct TreeNode(int Level, long Index);

namespace EdgeCoder.Agent.Workspaces;

/// <summary>A state of a work tree that undo can return to: all files that are not ignored, untracked ones too.</summary>
/// <param name="Id">Number within the session, from 0, the base.</param>
/// <param name="Tree">Hash of the tree.</param>
/// <param name="Label">What came after it.</param>
/// <param name="AtMs">When, epoch milliseconds.</param>
public sealed record SavePoint(int Id, string Tree, string Label, long AtMs);

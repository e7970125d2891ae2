using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Terminal;

/// <summary>The change of one file, from an event or from a review.</summary>
internal sealed record ChangedFile(string Path, string? OldPath, FileChangeKind Kind, bool Binary, string? Caution, IReadOnlyList<DiffHunk> Hunks)
{
    /// <summary>Of an event.</summary>
    public static ChangedFile Of(DiffEvent diff) => new(diff.File, diff.OldFile, diff.Kind, diff.Binary, diff.Caution, diff.Hunks);

    /// <summary>Of a review.</summary>
    public static ChangedFile Of(FileChange change) => new(change.Path, change.OldPath, change.Kind, change.Binary, change.Caution, change.Hunks);
}

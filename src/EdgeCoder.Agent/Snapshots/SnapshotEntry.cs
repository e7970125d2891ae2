namespace EdgeCoder.Agent.Snapshots;

/// <summary>What an entry of a snapshot is.</summary>
public enum SnapshotEntryKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A file that its owner may execute.</summary>
    Executable,

    /// <summary>A symbolic link that stays within the tree.</summary>
    Link,
}

/// <summary>An entry of a snapshot. Directories are not entries: they are there when something is in them.</summary>
/// <param name="Path">Relative, segments joined by <c>/</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes of a file; 0 of a link.</param>
/// <param name="Target">Where a link points, relative to its directory; null for a file.</param>
public sealed record SnapshotEntry(string Path, SnapshotEntryKind Kind, long Size, string? Target = null);

/// <summary>A snapshot that was written or read.</summary>
/// <param name="Digest">SHA-256 of the blob, 64 lower-case hex digits.</param>
/// <param name="Bytes">Size of the blob.</param>
/// <param name="Entries">In the order of the blob.</param>
/// <param name="LeftOut">When packed: paths that were left out because the secret-file policy covers them.</param>
public sealed record Snapshot(string Digest, long Bytes, IReadOnlyList<SnapshotEntry> Entries, IReadOnlyList<string> LeftOut);

namespace EdgeCoder.Agent.Snapshots;

/// <summary>A snapshot that cannot be packed or unpacked. Nothing of it is left in the directory.</summary>
/// <param name="code">One of <see cref="SnapshotFaults"/>.</param>
/// <param name="message">For a person: the path and what to do.</param>
public sealed class SnapshotException(string code, string message) : Exception(message)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;
}

/// <summary>Codes of <see cref="SnapshotException"/>.</summary>
public static class SnapshotFaults
{
    /// <summary>Not the bytes that <see cref="SnapshotArchive.Pack"/> writes.</summary>
    public const string Malformed = "snapshot_malformed";

    /// <summary>A path or a link leaves the tree, or means git's own directory.</summary>
    public const string PathEscape = "path_escape";

    /// <summary>Two names that are one on some file system, or a file where another entry needs a directory.</summary>
    public const string Collision = "path_collision";

    /// <summary>An entry that is neither a file nor a link within the tree.</summary>
    public const string Unsupported = "entry_unsupported";

    /// <summary>More bytes or entries than the limits.</summary>
    public const string TooLarge = "snapshot_too_large";

    /// <summary>Its digest is not the one that was expected.</summary>
    public const string DigestMismatch = "snapshot_digest_mismatch";
}

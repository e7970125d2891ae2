namespace EdgeCoder.Agent.Snapshots;

/// <summary>What a snapshot may be at most.</summary>
public sealed record SnapshotLimits
{
    /// <summary>Bytes of the blob. Default 256 MiB, what a coordinator stores as one blob.</summary>
    public long Bytes { get; init; } = 256L << 20;

    /// <summary>Files and links. Default 100,000.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Bytes of a path in UTF-8. Default 1,024.</summary>
    public int PathBytes { get; init; } = 1_024;

    /// <summary>The defaults.</summary>
    public static SnapshotLimits Default { get; } = new();
}

namespace EdgeCoder.Coordinator.Log;

/// <summary>How the log is kept.</summary>
internal sealed record LogOptions
{
    /// <summary>Folder of the tiles. They follow from the rows: without them, or with damaged ones, they are made anew at the start.</summary>
    public required string Directory { get; init; }

    /// <summary><c>LEDGER_CHECKPOINT_INTERVAL_MS</c>: at most one checkpoint in this time, and only when the log has grown. Default one second.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(1_000);

    /// <summary><c>LEDGER_PUBLIC_READ</c>: whether anybody may read the log. Default no.</summary>
    public bool PublicRead { get; init; }

    /// <summary>Whether several silos share the store: then one of them, the one with the grain of the log, appends for all.</summary>
    public bool Shared { get; init; }

    /// <summary>Called at each step of appending; for tests that end the work there.</summary>
    public Action<LogStep> At { get; init; } = _ => { };
}

/// <summary>Where a crash can leave an append.</summary>
internal enum LogStep
{
    /// <summary>Leaves are signed, nothing is stored.</summary>
    Signed,

    /// <summary>Leaves are stored, tiles and checkpoint know nothing of them.</summary>
    Stored,

    /// <summary>Tiles are written, no checkpoint names them.</summary>
    Tiled,

    /// <summary>The checkpoint is stored; its file is that of the one before.</summary>
    Checkpointed,
}

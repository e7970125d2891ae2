namespace EdgeCoder.Coordinator.Anchors;

/// <summary>The checkpoints that anchors are made of: those of the coordinator's own log.</summary>
internal interface IAnchorCheckpoints
{
    /// <summary>The newest that is soft-final; null before the first.</summary>
    Task<AnchorCheckpoint?> NewestAsync(CancellationToken cancellationToken);

    /// <summary>Whether between two heights there is a record of another kind than <c>anchor_set</c>: anchors alone call for no anchor.</summary>
    /// <param name="above">Height of the older checkpoint; 0: from the beginning.</param>
    /// <param name="upTo">Height of the newer one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<bool> HasGrownAsync(long above, long upTo, CancellationToken cancellationToken);
}

/// <summary>A checkpoint.</summary>
/// <param name="Hash">SHA-256 of its text, hex.</param>
/// <param name="Height">Leaves of its tree.</param>
internal sealed record AnchorCheckpoint(string Hash, long Height);

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>How long and how much is kept.</summary>
internal sealed record BlobOptions
{
    /// <summary>How long a blob is kept after it was last stored or named in a submission, and after the end of every task that names it. Default 30 days (coordinator-and-mesh 4.7); shorter loses results that people still look for.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes that one account or agent may hold at once. Default 10 GiB; more is 413 <c>blob_quota_exceeded</c>.</summary>
    public long QuotaBytes { get; init; } = 10L << 30;
}

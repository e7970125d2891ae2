namespace EdgeCoder.Inference.Catalogue;

/// <summary>A model file to fetch. There is no download without a digest.</summary>
public sealed record DownloadRequest
{
    /// <summary>Where the file is.</summary>
    public required Uri Source { get; init; }

    /// <summary>SHA-256 that the file must have.</summary>
    public required ModelDigest Digest { get; init; }

    /// <summary>Exact size, in bytes; absent to take what the server says.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Whether each redirect must lead to a listed source too, as a peer's manifest asks (economy-and-ledger 16.3).</summary>
    public bool OnlyListedHops { get; init; }

    /// <summary>What is known of the model; the file's own header fills in the rest.</summary>
    public required ModelDescription Description { get; init; }
}

using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Local;

/// <summary>A model file of this machine that is not in the store, such as the demonstration model that ships with the program.</summary>
public sealed record LocalModel
{
    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Full path of its file.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 that the file must have.</summary>
    public required ModelDigest Digest { get; init; }

    /// <summary>Number of parameters as people write it.</summary>
    public string? ParamSize { get; init; }

    /// <summary>Quantization.</summary>
    public string? Quantization { get; init; }

    /// <summary>Size of the file, in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Whether this is the demonstration model.</summary>
    public bool IsDemonstration { get; init; }
}

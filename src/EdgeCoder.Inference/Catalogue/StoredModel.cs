using System.Text.Json.Serialization;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>What is known of a model besides its bytes; shared by the catalogue and the store.</summary>
public record ModelDescription
{
    /// <summary>Exact id, for instance <c>qwen2.5-coder:1.5b</c>.</summary>
    public required string ModelId { get; init; }

    /// <summary>Name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Number of parameters as people write it, for instance <c>1.5B</c>.</summary>
    public string? ParamSize { get; init; }

    /// <summary>Quantization, for instance <c>Q4_K_M</c>.</summary>
    public string? Quantization { get; init; }

    /// <summary>Licence, SPDX where it has one.</summary>
    public string? License { get; init; }

    /// <summary>Largest context, in tokens, that the model was made for.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Memory the model needs at a useful context, in MiB.</summary>
    public int? MinMemoryMB { get; init; }

    /// <summary>What it is good for: <c>planner, coder, reviewer, completer, embedder</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Programming languages it was made for, <c>["*"]</c> for no particular ones.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Whether it fills in the middle.</summary>
    public bool Fim { get; init; }

    /// <summary>Whether it gives embeddings.</summary>
    public bool Embeddings { get; init; }
}

/// <summary>A model whose file is in the store.</summary>
public sealed record StoredModel : ModelDescription
{
    /// <summary>SHA-256 of its file.</summary>
    public required ModelDigest Digest { get; init; }

    /// <summary>Size of its file, in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Where it came from; absent for a file of this machine.</summary>
    public Uri? Source { get; init; }

    /// <summary>When it was added, epoch milliseconds.</summary>
    public required long AddedAtMs { get; init; }

    /// <summary>Full path of its file. Read it only after <see cref="ModelStore.VerifyAsync"/>.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";
}

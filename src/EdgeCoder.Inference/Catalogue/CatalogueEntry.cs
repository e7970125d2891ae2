using System.Text.Json.Serialization;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>A model that can be pulled. Every entry has a licence, a size, a source and the SHA-256 of its file.</summary>
public sealed record CatalogueEntry
{
    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Number of parameters as people write it.</summary>
    public required string ParamSize { get; init; }

    /// <summary>Quantization.</summary>
    public required string Quantization { get; init; }

    /// <summary>Exact size of the file, in bytes.</summary>
    public required long FileSizeBytes { get; init; }

    /// <summary>Where the file is.</summary>
    public required Uri DownloadUrl { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required ModelDigest ChecksumSha256 { get; init; }

    /// <summary><c>node</c>, <c>ios</c> or <c>all</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>Programming languages it was made for; <c>*</c> for no particular ones.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>Memory it needs at a useful context, in MiB.</summary>
    public required int MinMemoryMB { get; init; }

    /// <summary>Provider that runs it.</summary>
    public required string Provider { get; init; }

    /// <summary>Largest context, in tokens, that it was made for.</summary>
    public required int ContextWindow { get; init; }

    /// <summary>Licence, SPDX where it has one.</summary>
    public required string License { get; init; }

    /// <summary>What the licence forbids, in a few words, where it forbids something that people expect.</summary>
    public string? LicenseNote { get; init; }

    /// <summary>What it is good for.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Whether it fills in the middle.</summary>
    public required bool Fim { get; init; }

    /// <summary>Whether it gives embeddings.</summary>
    public required bool Embeddings { get; init; }

    /// <summary>Whether it fits a machine with so much memory, and what its licence forbids; null when there is nothing to say.</summary>
    public string? FitNote(int machineMemoryMB)
    {
        var fit = machineMemoryMB < MinMemoryMB ? $"needs {MinMemoryMB} MiB of memory; this machine has {machineMemoryMB}" : null;
        return fit is not null && LicenseNote is not null ? $"{fit}; {LicenseNote}" : fit ?? LicenseNote;
    }

    /// <summary>What a download of it asks for.</summary>
    public DownloadRequest ToDownload() => new()
    {
        Source = DownloadUrl,
        Digest = ChecksumSha256,
        SizeBytes = FileSizeBytes,
        Description = new()
        {
            ModelId = ModelId,
            DisplayName = DisplayName,
            ParamSize = ParamSize,
            Quantization = Quantization,
            License = License,
            ContextWindow = ContextWindow,
            MinMemoryMB = MinMemoryMB,
            Roles = Roles,
            Languages = Languages,
            Fim = Fim,
            Embeddings = Embeddings,
        },
    };
}

/// <summary>The catalogue as it is written and signed.</summary>
internal sealed record CatalogueFile
{
    /// <summary>Grows with every change; an update with a lower one is not taken.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<CatalogueEntry> Entries { get; init; }
}

/// <summary>Signature beside the catalogue.</summary>
/// <param name="KeyId">First 16 hexadecimal digits of the SHA-256 of the signing key's SPKI.</param>
/// <param name="Signature">Base64 Ed25519 over <see cref="ModelCatalogue.SignedPrefix"/> and the bytes of the file.</param>
internal sealed record CatalogueSignature(string KeyId, string Signature);

/// <summary>Reads the catalogue: digests in it are plain hexadecimal, and an unknown name is a fault.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CatalogueFile))]
[JsonSerializable(typeof(CatalogueSignature))]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class CatalogueFileJson : JsonSerializerContext;

using System.Text;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>An operator's word that a model may be used: which one, from where, with which digest. It is believed only after <see cref="Check"/>.</summary>
public sealed record ModelManifest
{
    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Where the file is.</summary>
    public required string SourceUrl { get; init; }

    /// <summary>64 hexadecimal digits.</summary>
    public required string ChecksumSha256 { get; init; }

    /// <summary>Base64 Ed25519 over <see cref="SignedBytes"/>.</summary>
    public required string Signature { get; init; }

    /// <summary><c>edgecoder-local</c> or <c>ollama-local</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Key that signed, where named.</summary>
    public string? KeyId { get; init; }

    /// <summary>Size of the file, in bytes.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The UTF-8 lines that are signed, each ended by a line feed.</summary>
    public byte[] SignedBytes() =>
        Encoding.UTF8.GetBytes($"edgecoder-model-manifest-v1\n{ModelId}\n{Provider}\n{SourceUrl}\n{ChecksumSha256.ToLowerInvariant()}\n");

    /// <summary>
    /// Checks, in this order and before anything is stored: the source is allowed (<c>source_not_allowed</c>), the digest has 64 hexadecimal
    /// digits (<c>invalid_checksum_format</c>), a trusted key signed and no field holds a control character (<c>invalid_signature</c>).
    /// Gives the digest, or throws.
    /// </summary>
    public ModelDigest Check(SourceAllowList sources, SigningKeys keys)
    {
        if (!Uri.TryCreate(SourceUrl, UriKind.Absolute, out var source))
        {
            throw new ModelException("source_not_allowed", "The source of a manifest is not an address.");
        }

        sources.Require(source);
        if (ChecksumSha256.Length != 64)
        {
            throw new ModelException("invalid_checksum_format", "The checksum of a manifest is not 64 hexadecimal digits.");
        }

        var digest = ModelDigest.Parse(ChecksumSha256);
        var fields = new[] { ModelId, Provider, SourceUrl };
        return !fields.Any(field => field.Any(char.IsControl)) && keys.Verify(KeyId, SignedBytes(), Signature)
            ? digest
            : throw new ModelException("invalid_signature", $"No trusted key signed the manifest of {ModelId}.", "MODEL_MANIFEST_KEYS lists the trusted keys.");
    }
}

using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Manifests;

/// <summary>A coordinator's word for a model: which file, from where, with which digest (economy-and-ledger 16.3). A record <c>model_manifest</c> of its log. Believed only after <see cref="PeerManifestCheck"/>.</summary>
public sealed record PeerModelManifest
{
    /// <summary>Version of the form, 1.</summary>
    public int V { get; set; } = 1;

    /// <summary>Exact id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Version of the model.</summary>
    public required string Version { get; init; }

    /// <summary>Where the file is.</summary>
    public required string Source { get; init; }

    /// <summary>Of the file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its size, in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The coordinator that vouches for it.</summary>
    public required string SignerPeerId { get; init; }

    /// <summary>Its signature.</summary>
    public string? Signature { get; init; }

    /// <summary>The exact bytes of the signed document.</summary>
    public static byte[] Sign(PeerModelManifest manifest, SigningKey key) => SignedDocument.Sign(DocumentContexts.ModelManifest, manifest, PeerManifestJson.Default.PeerModelManifest, key);
}

/// <summary>How it is written: these members and no others.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PeerModelManifest))]
internal sealed partial class PeerManifestJson : JsonSerializerContext;

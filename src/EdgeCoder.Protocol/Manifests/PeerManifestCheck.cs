using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Manifests;

/// <summary>
/// The checks of a peer's manifest, in the order of economy-and-ledger 16.3; nothing is fetched before all have passed. After the download follows <c>checksum_mismatch</c>, with which the file is deleted. Pure.
/// </summary>
public static class PeerManifestCheck
{
    /// <summary>It is no manifest: another form, another version, bytes that are not canonical.</summary>
    public const string Malformed = "malformed_manifest";

    /// <summary>Its signer is not trusted.</summary>
    public const string UntrustedPeer = "untrusted_peer";

    /// <summary>Its source is no https address.</summary>
    public const string InvalidSourceUrl = "invalid_source_url";

    /// <summary>Its source is not on the list.</summary>
    public const string SourceNotAllowlisted = "source_not_allowlisted";

    /// <summary>The file is no .gguf, .bin or .safetensors.</summary>
    public const string DisallowedFileExtension = "disallowed_file_extension";

    /// <summary>No key of the signer is known.</summary>
    public const string NoPublicKeyForPeer = "no_public_key_for_peer";

    /// <summary>None of the signer's keys signed these bytes.</summary>
    public const string InvalidSignature = "invalid_signature";

    private const int LongestText = 2_048;
    private const int HashLength = 64;

    private static readonly string[] Extensions = [".gguf", ".bin", ".safetensors"];

    /// <summary>Reads a manifest without believing it; null for what is none.</summary>
    public static PeerModelManifest? Read(ReadOnlySpan<byte> signed) =>
        signed.Length <= 4 * LongestText && SignedDocument.Read(signed, PeerManifestJson.Default.PeerModelManifest) is { V: 1 } read
        && ClientId.IsValid(read.SignerPeerId) && IsText(read.ModelId) && IsText(read.Version) && IsText(read.Source) && read.SizeBytes > 0
        && read.Sha256 is { Length: HashLength } hash && hash.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'))
            ? read
            : null;

    /// <summary>What is wrong with it; null when everything is right.</summary>
    /// <param name="signed">Exact bytes.</param>
    /// <param name="isTrusted">Whether a coordinator is trusted.</param>
    /// <param name="sources">Where models may come from.</param>
    /// <param name="keysOf">Keys of a coordinator that count now; empty when none is known.</param>
    public static string? FaultOf(ReadOnlySpan<byte> signed, Func<string, bool> isTrusted, ModelSources sources, Func<string, IReadOnlyList<VerifyingKey>> keysOf)
    {
        if (Read(signed) is not { } manifest)
        {
            return Malformed;
        }

        if (!isTrusted(manifest.SignerPeerId))
        {
            return UntrustedPeer;
        }

        if (!Uri.TryCreate(manifest.Source, UriKind.Absolute, out var source) || source.UserInfo.Length > 0
            || (source.Scheme != Uri.UriSchemeHttps && !(sources.HasLoopback && ModelSources.IsLoopbackHttp(source))))
        {
            return InvalidSourceUrl;
        }

        if (!sources.Allows(source))
        {
            return SourceNotAllowlisted;
        }

        if (!Extensions.Any(extension => source.AbsolutePath.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
        {
            return DisallowedFileExtension;
        }

        var keys = keysOf(manifest.SignerPeerId);
        if (keys.Count == 0)
        {
            return NoPublicKeyForPeer;
        }

        foreach (var key in keys)
        {
            if (SignedDocument.Verify(DocumentContexts.ModelManifest, signed, key) is null)
            {
                return null;
            }
        }

        return InvalidSignature;
    }

    private static bool IsText(string? text) => text is { Length: > 0 and <= LongestText } && !text.Any(char.IsControl);
}

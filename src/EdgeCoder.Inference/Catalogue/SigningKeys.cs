using System.Security.Cryptography;
using EdgeCoder.Inference.Providers;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>Ed25519 keys (RFC 8032) that may sign catalogues or manifests. .NET has no Ed25519 of its own; Bouncy Castle does the arithmetic.</summary>
public sealed class SigningKeys
{
    private const int SignatureBytes = 64;
    private readonly Dictionary<string, Ed25519PublicKeyParameters> _keys = new(StringComparer.Ordinal);

    /// <summary>Keys as base64 of their SPKI form (RFC 8410). Throws <c>invalid_settings</c> for one that is not an Ed25519 key.</summary>
    public SigningKeys(IEnumerable<string> spkiBase64)
    {
        foreach (var text in spkiBase64)
        {
            try
            {
                var spki = Convert.FromBase64String(text);
                _keys[KeyId(spki)] = (Ed25519PublicKeyParameters)PublicKeyFactory.CreateKey(spki);
            }
            catch (Exception e) when (e is FormatException or InvalidCastException or IOException or ArgumentException or SecurityUtilityException)
            {
                throw new ModelException("invalid_settings", "A signing key is not the base64 SPKI form of an Ed25519 key.", inner: e);
            }
        }
    }

    /// <summary>First 16 hexadecimal digits of the SHA-256 of a key's SPKI form.</summary>
    public static string KeyId(ReadOnlySpan<byte> spki) => Convert.ToHexStringLower(SHA256.HashData(spki))[..16];

    /// <summary>
    /// Whether a key of this list made the signature over exactly these bytes: RFC 8032, 5.1.7. Without a key id every key is tried.
    /// Text that is not the base64 of 64 bytes is no signature, whatever its length.
    /// </summary>
    public bool Verify(string? keyId, ReadOnlySpan<byte> message, string signatureBase64)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        if (!Convert.TryFromBase64String(signatureBase64, signature, out var written) || written != SignatureBytes)
        {
            return false;
        }

        foreach (var (id, key) in _keys)
        {
            if (keyId is not null && id != keyId)
            {
                continue;
            }

            var signer = new Ed25519Signer();
            signer.Init(forSigning: false, key);
            signer.BlockUpdate(message);
            if (signer.VerifySignature(signature.ToArray()))
            {
                return true;
            }
        }

        return false;
    }
}

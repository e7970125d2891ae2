using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace EdgeCoder.Protocol.Keys;

/// <summary>
/// A public Ed25519 key (RFC 8032, pure; coordinator-and-mesh 2.1). Only points of the prime-order group in their one encoding are keys: small-order and
/// non-canonical ones, with which one signature fits many messages, are refused when the key is read.
/// </summary>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    private readonly PublicKey _key;
    private readonly byte[] _raw;

    private VerifyingKey(PublicKey key, byte[] raw)
    {
        _key = key;
        _raw = raw;
        Pem = KeyText.Write(KeyText.PublicLabel, KeyText.PublicHead, raw);
        KeyId = Convert.ToHexStringLower(SHA256.HashData(raw).AsSpan(0, 8));
        SpkiSha256 = Convert.ToHexStringLower(SHA256.HashData([.. KeyText.PublicHead, .. raw]));
    }

    /// <summary>SPKI PEM with a final line feed.</summary>
    public string Pem { get; }

    /// <summary>First 16 hex digits of SHA-256 of the raw key.</summary>
    public string KeyId { get; }

    /// <summary>SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex: how keys are pinned.</summary>
    public string SpkiSha256 { get; }

    /// <summary>The 32 bytes of RFC 8032.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>Reads SPKI PEM. False for anything malformed, another algorithm, and points that are refused.</summary>
    public static bool TryParse(string? spkiPem, [NotNullWhen(true)] out VerifyingKey? key)
    {
        Span<byte> raw = stackalloc byte[KeyText.RawSize];
        key = null;
        return KeyText.TryRead(spkiPem, KeyText.PublicLabel, KeyText.PublicHead, raw) && TryFromRaw(raw, out key);
    }

    /// <summary>Takes the 32 bytes of RFC 8032. False for points that are refused.</summary>
    public static bool TryFromRaw(ReadOnlySpan<byte> raw, [NotNullWhen(true)] out VerifyingKey? key)
    {
        key = raw.Length == KeyText.RawSize
            && Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.ValidatePublicKeyFull(raw)
            && PublicKey.TryImport(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out var point)
            && point is not null
            ? new VerifyingKey(point, raw.ToArray())
            : null;
        return key is not null;
    }

    /// <summary>Whether a signature of 64 bytes is this key's over the data. Never throws.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.Length == SigningKey.SignatureSize && SignatureAlgorithm.Ed25519.Verify(_key, data, signature);

    /// <summary>The same with the signature as padded base64, the form in which it travels.</summary>
    public bool Verify(ReadOnlySpan<byte> data, string? base64Signature)
    {
        Span<byte> signature = stackalloc byte[SigningKey.SignatureSize];
        return Base64Text.TryRead(base64Signature, signature) && Verify(data, signature);
    }

    /// <inheritdoc/>
    public bool Equals(VerifyingKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_raw);

    /// <inheritdoc/>
    public override string ToString() => KeyId;
}

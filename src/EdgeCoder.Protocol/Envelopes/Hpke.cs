using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Envelopes;

/// <summary>
/// HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-GCM. BouncyCastle for .NET has none; the primitives are
/// libsodium's and the platform's, the steps are those of the RFC by number, and its vectors are tests.
/// </summary>
internal sealed class Hpke : IDisposable
{
    /// <summary>AEAD id of AES-256-GCM; AES-128-GCM is here for the RFC's vectors only.</summary>
    public const ushort Aes256Gcm = 0x0002;
    public const ushort Aes128Gcm = 0x0001;
    public const int TagSize = 16;

    private const ushort KemX25519 = 0x0020;
    private const ushort KdfSha256 = 0x0001;
    private const int HashSize = 32;
    private const int NonceSize = 12;

    private readonly byte[] _suite;
    private readonly byte[] _key;
    private readonly byte[] _nonce;
    private readonly byte[] _exporterSecret;

    /// <summary>KeySchedule, RFC 9180 5.1, with mode 0 and an empty pre-shared key.</summary>
    private Hpke(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, ushort aead)
    {
        _suite = Suite(aead);
        byte[] context = [0, .. Extract(_suite, default, "psk_id_hash"u8, default), .. Extract(_suite, default, "info_hash"u8, info)];
        var secret = Extract(_suite, sharedSecret, "secret"u8, default);
        _key = Expand(_suite, secret, "key"u8, context, aead == Aes256Gcm ? 32 : 16);
        _nonce = Expand(_suite, secret, "base_nonce"u8, context, NonceSize);
        _exporterSecret = Expand(_suite, secret, "exp"u8, context, HashSize);
        CryptographicOperations.ZeroMemory(secret);
    }

    /// <summary>For vectors.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>For vectors.</summary>
    internal ReadOnlySpan<byte> BaseNonce => _nonce;

    /// <summary>SetupBaseS; null where the recipient's key yields no secret. The ephemeral key is made for this one call and is its caller's to dispose of.</summary>
    public static Hpke? Sender(EnvelopeKey ephemeral, ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info, ushort aead = Aes256Gcm) =>
        ephemeral.Agree(recipient) is { } dh ? new(SharedSecret(dh, ephemeral.RawPublicKey, recipient), info, aead) : null;

    /// <summary>SetupBaseR; null where the encapsulated key yields no secret.</summary>
    public static Hpke? Recipient(EnvelopeKey recipient, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> info, ushort aead = Aes256Gcm) =>
        recipient.Agree(enc) is { } dh ? new(SharedSecret(dh, enc, recipient.RawPublicKey), info, aead) : null;

    /// <summary>ContextS.Seal of the first message: its nonce is the base nonce. A context seals once, so no nonce is used twice.</summary>
    public byte[] Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        var result = new byte[plaintext.Length + TagSize];
        using var cipher = new AesGcm(_key, TagSize);
        cipher.Encrypt(_nonce, plaintext, result.AsSpan(0, plaintext.Length), result.AsSpan(plaintext.Length), aad);
        return result;
    }

    /// <summary>ContextR.Open of the first message; null when it stays closed.</summary>
    public byte[]? Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext) => AesGcmText.Open(_key, _nonce, aad, ciphertext);

    /// <summary>Context.Export, RFC 9180 5.3.</summary>
    public byte[] Export(ReadOnlySpan<byte> context, int length) => Expand(_suite, _exporterSecret, "sec"u8, context, length);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_exporterSecret);
    }

    /// <summary>ExtractAndExpand, RFC 9180 4.1.</summary>
    private static byte[] SharedSecret(byte[] dh, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> recipient)
    {
        byte[] suite = [.. "KEM"u8, 0, (byte)KemX25519];
        var prk = Extract(suite, default, "eae_prk"u8, dh);
        CryptographicOperations.ZeroMemory(dh);
        return Expand(suite, prk, "shared_secret"u8, [.. enc, .. recipient], HashSize);
    }

    private static byte[] Suite(ushort aead) => [.. "HPKE"u8, 0, (byte)KemX25519, 0, (byte)KdfSha256, 0, (byte)aead];

    private static byte[] Extract(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> material)
    {
        var prk = new byte[HashSize];
        HKDF.Extract(HashAlgorithmName.SHA256, [.. "HPKE-v1"u8, .. suite, .. label, .. material], salt, prk);
        return prk;
    }

    private static byte[] Expand(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        var output = new byte[length];
        Span<byte> size = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, [.. size, .. "HPKE-v1"u8, .. suite, .. label, .. info]);
        return output;
    }
}

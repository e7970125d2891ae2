using System.Security.Cryptography;
using NSec.Cryptography;

namespace EdgeCoder.Protocol.Keys;

/// <summary>A private Ed25519 key, kept in libsodium's guarded memory. Safe for use by many threads.</summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = 64;

    private readonly Key _key;

    private SigningKey(Key key)
    {
        _key = key;
        PublicKey = VerifyingKey.TryFromRaw(key.PublicKey.Export(KeyBlobFormat.RawPublicKey), out var publicKey)
            ? publicKey
            : throw new CryptographicException("The key has no proper public point. Make another.");
    }

    /// <summary>Its public half.</summary>
    public VerifyingKey PublicKey { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Generate() => new(Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>Takes the seed of RFC 8032, 32 bytes.</summary>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) => new(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, Exportable));

    /// <summary>Reads PKCS#8 PEM. Throws <see cref="CryptographicException"/>, which repeats nothing of the text, for anything else.</summary>
    public static SigningKey FromPem(string pkcs8Pem)
    {
        Span<byte> seed = stackalloc byte[KeyText.RawSize];
        try
        {
            return KeyText.TryRead(pkcs8Pem, KeyText.PrivateLabel, KeyText.PrivateHead, seed)
                ? FromSeed(seed)
                : throw new CryptographicException("That is no Ed25519 private key in PKCS#8 PEM.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>PKCS#8 PEM with a final line feed. It is a secret.</summary>
    public string ToPem()
    {
        var seed = _key.Export(KeyBlobFormat.RawPrivateKey);
        var text = KeyText.Write(KeyText.PrivateLabel, KeyText.PrivateHead, seed);
        CryptographicOperations.ZeroMemory(seed);
        return text;
    }

    /// <summary>Signs data: 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => SignatureAlgorithm.Ed25519.Sign(_key, data);

    /// <summary>Signs data: padded base64 of the 64 bytes, the form in which it travels.</summary>
    public string SignBase64(ReadOnlySpan<byte> data)
    {
        Span<byte> signature = stackalloc byte[SignatureSize];
        SignatureAlgorithm.Ed25519.Sign(_key, data, signature);
        return Convert.ToBase64String(signature);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
}

using System.Security.Cryptography;
using NSec.Cryptography;

namespace EdgeCoder.Protocol.Keys;

/// <summary>A private X25519 key, to which work is sealed. Safe for use by many threads.</summary>
public sealed class EnvelopeKey : IDisposable
{
    private readonly Key _key;
    private readonly byte[] _publicKey;

    private EnvelopeKey(Key key)
    {
        _key = key;
        _publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        PublicKey = Convert.ToBase64String(_publicKey);
        KeyId = EnvelopePublicKey.KeyId(_publicKey);
    }

    /// <summary>Its public half, base64 of 32 bytes.</summary>
    public string PublicKey { get; }

    /// <summary>First 16 hex digits of SHA-256 of the public half.</summary>
    public string KeyId { get; }

    internal ReadOnlySpan<byte> RawPublicKey => _publicKey;

    /// <summary>Makes a new key.</summary>
    public static EnvelopeKey Generate() => new(Key.Create(KeyAgreementAlgorithm.X25519, Exportable));

    /// <summary>Takes a secret of 32 bytes as base64. Throws <see cref="CryptographicException"/>, which repeats nothing of it, for anything else.</summary>
    public static EnvelopeKey FromBase64(string secret)
    {
        Span<byte> raw = stackalloc byte[EnvelopePublicKey.Size];
        try
        {
            return Base64Text.TryRead(secret.AsSpan(), raw) ? FromRaw(raw) : throw new CryptographicException("That is no X25519 private key in base64.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(raw);
        }
    }

    /// <summary>Takes a secret of 32 bytes.</summary>
    public static EnvelopeKey FromRaw(ReadOnlySpan<byte> secret) => new(Key.Import(KeyAgreementAlgorithm.X25519, secret, KeyBlobFormat.RawPrivateKey, Exportable));

    /// <summary>The private half, base64 of 32 bytes. It is a secret.</summary>
    public string ToBase64()
    {
        var raw = _key.Export(KeyBlobFormat.RawPrivateKey);
        var text = Convert.ToBase64String(raw);
        CryptographicOperations.ZeroMemory(raw);
        return text;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>X25519; null where the other point yields nothing but zeros.</summary>
    internal byte[]? Agree(ReadOnlySpan<byte> otherPublicKey)
    {
        if (!NSec.Cryptography.PublicKey.TryImport(KeyAgreementAlgorithm.X25519, otherPublicKey, KeyBlobFormat.RawPublicKey, out var other) || other is null)
        {
            return null;
        }

        using var secret = KeyAgreementAlgorithm.X25519.Agree(_key, other, new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return secret?.Export(SharedSecretBlobFormat.RawSharedSecret);
    }

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
}

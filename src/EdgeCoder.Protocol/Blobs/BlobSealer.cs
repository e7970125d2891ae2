using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Protocol.Blobs;

/// <summary>
/// Blobs of sealed leases (coordinator-and-mesh 6): AES-256-GCM, ciphertext ‖ tag, under a key of that lease and blob alone, which travels inside the
/// envelope. The additional data is the digest of the plain bytes, so that one blob cannot stand for another.
/// </summary>
public static class BlobSealer
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>Bytes of key and nonce together.</summary>
    public const int SecretSize = KeySize + NonceSize;

    /// <summary>Seals bytes under a fresh key.</summary>
    public static (SealedBlob Blob, byte[] Sealed) Seal(ReadOnlySpan<byte> plaintext)
    {
        Span<byte> secret = stackalloc byte[SecretSize];
        RandomNumberGenerator.Fill(secret);
        return Seal(plaintext, secret);
    }

    /// <summary>Seals bytes under a given key and nonce, which must never seal other bytes: for a copy that is made again when it is asked for.</summary>
    /// <param name="plaintext">The bytes.</param>
    /// <param name="secret">Key and nonce, <see cref="SecretSize"/> bytes.</param>
    public static (SealedBlob Blob, byte[] Sealed) Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretSize);
        var key = secret[..KeySize];
        var nonce = secret[KeySize..];
        var digest = Convert.ToHexStringLower(SHA256.HashData(plaintext));
        var @sealed = new byte[plaintext.Length + TagSize];
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(nonce, plaintext, @sealed.AsSpan(0, plaintext.Length), @sealed.AsSpan(plaintext.Length), Convert.FromHexString(digest));
        var blob = new SealedBlob(digest, Convert.ToHexStringLower(SHA256.HashData(@sealed)), plaintext.Length, Convert.ToBase64String(key), Convert.ToBase64String(nonce));
        return (blob, @sealed);
    }

    /// <summary>Opens sealed bytes; null for bytes, keys or digests that do not fit together. Never throws.</summary>
    public static byte[]? Open(SealedBlob blob, ReadOnlySpan<byte> @sealed)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (@sealed.Length < TagSize
            || blob.Size != @sealed.Length - TagSize
            || !Base64Text.TryRead(blob.Key.AsSpan(), key)
            || !Base64Text.TryRead(blob.Nonce.AsSpan(), nonce)
            || Convert.FromHexString(blob.Digest.AsSpan(), digest, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != digest.Length)
        {
            return null;
        }

        var plaintext = new byte[@sealed.Length - TagSize];
        try
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(nonce, @sealed[..plaintext.Length], @sealed[plaintext.Length..], plaintext, digest);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return SHA256.HashData(plaintext).AsSpan().SequenceEqual(digest) ? plaintext : null;
    }
}

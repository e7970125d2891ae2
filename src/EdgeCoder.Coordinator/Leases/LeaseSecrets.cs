using System.Security.Cryptography;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>
/// Exporter secrets are kept encrypted with their lease (coordinator-and-mesh 6). The key is derived from the coordinator's first key and kept beside those that follow it, so every silo has
/// it, the store alone does not, and leases outlive a change of the key.
/// </summary>
internal sealed class LeaseSecrets
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // A cipher of the platform is not for several threads at once, so each call makes its own.
    private readonly byte[] _key;

    /// <summary>Derives the key: a deterministic Ed25519 signature of a text that is signed nowhere else, hashed.</summary>
    public LeaseSecrets(QueueSurroundings surroundings)
        => _key = surroundings.LeaseSeed ?? Seed(surroundings.Key);

    /// <summary>The same from the coordinator's key.</summary>
    internal LeaseSecrets(SigningKey key) => _key = Seed(key);

    private static byte[] Seed(SigningKey key) => SHA256.HashData(key.Sign("edgecoder/lease-secrets/v1"u8));

    /// <summary>Key and nonce of a blob's copy for one lease: any silo can make that very copy again, and no two leases share a key.</summary>
    public byte[] BlobSecret(string leaseId, string digest) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, BlobSealer.SecretSize, salt: null, info: System.Text.Encoding.UTF8.GetBytes($"edgecoder/lease-blob/v1\0{leaseId}\0{digest}"));

    /// <summary>Nonce, ciphertext and tag; bound to the lease.</summary>
    public byte[] Hide(string leaseId, ReadOnlySpan<byte> secret)
    {
        var hidden = new byte[NonceSize + secret.Length + TagSize];
        RandomNumberGenerator.Fill(hidden.AsSpan(0, NonceSize));
        using var cipher = new AesGcm(_key, TagSize);
        cipher.Encrypt(hidden.AsSpan(0, NonceSize), secret, hidden.AsSpan(NonceSize, secret.Length), hidden.AsSpan(NonceSize + secret.Length), System.Text.Encoding.UTF8.GetBytes(leaseId));
        return hidden;
    }

    /// <summary>The secret, or null when it was erased or belongs to another lease or key.</summary>
    public byte[]? Reveal(string leaseId, byte[]? hidden)
    {
        if (hidden is not { Length: > NonceSize + TagSize })
        {
            return null;
        }

        var secret = new byte[hidden.Length - NonceSize - TagSize];
        try
        {
            using var cipher = new AesGcm(_key, TagSize);
            cipher.Decrypt(hidden.AsSpan(0, NonceSize), hidden.AsSpan(NonceSize, secret.Length), hidden.AsSpan(NonceSize + secret.Length), secret, System.Text.Encoding.UTF8.GetBytes(leaseId));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}

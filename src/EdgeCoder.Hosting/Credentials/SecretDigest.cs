using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>SHA-256 of a secret: what is kept and compared instead of it, in constant time (coordinator-and-mesh 2.3).</summary>
public sealed class SecretDigest
{
    private readonly byte[] _digest;

    /// <summary>Takes a secret of the settings.</summary>
    public SecretDigest(string secret) => _digest = Hash(secret);

    /// <summary>Whether a presented text is the secret; the time does not depend on where they differ.</summary>
    public bool Is(string presented) => CryptographicOperations.FixedTimeEquals(_digest, Hash(presented));

    /// <summary>Lower-case hex SHA-256: the key under which tokens are stored. Looking it up betrays nothing, because nobody can choose a text for its hash.</summary>
    public static string Hex(string secret) => Convert.ToHexStringLower(Hash(secret));

    /// <inheritdoc/>
    public override string ToString() => "[secret]";

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

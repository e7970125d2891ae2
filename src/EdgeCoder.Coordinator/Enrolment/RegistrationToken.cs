using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>A one-use token that can do one thing: bind a key to an enrolled node. Kept as its hash only.</summary>
internal static class RegistrationToken
{
    /// <summary>A new token: 32 random bytes, base64url.</summary>
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Hex SHA-256 of its bytes, the form in which it is kept.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether a token is the one with that hash, in constant time.</summary>
    public static bool Matches(string token, string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(hash));
}

using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>SHA-256 of the 16 random bytes inputSalt and the input: a hash in a log betrays no short prompt (coordinator-and-mesh 4.4).</summary>
internal static class InputHash
{
    /// <summary>Hex digest.</summary>
    public static string Of(ReadOnlySpan<byte> salt, string input)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(Encoding.UTF8.GetBytes(input));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

using System.Security.Cryptography;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>Bytes by their hash, believed only when they hash to it.</summary>
/// <param name="open">Opens a blob by 64 lower-case hex digits; null when it is not there.</param>
internal sealed class FrozenBlobs(Func<string, Stream?> open)
{
    /// <summary>A stream, whose reader checks the hash; null when it is not there.</summary>
    public Stream? Open(string sha256) => open(sha256);

    /// <summary>The bytes; null when they are not there, too many, or others than the name says.</summary>
    public byte[]? Read(string sha256, int most)
    {
        using var stream = open(sha256);
        if (stream is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (bytes.Length + read > most)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))) == sha256 ? bytes.ToArray() : null;
    }
}

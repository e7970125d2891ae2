using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Signatures;

/// <summary>The <c>Content-Digest</c> of a request (RFC 9530): SHA-256 over the body as sent, over zero bytes without one.</summary>
public static class ContentDigest
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Content-Digest";

    private const string Prefix = "sha-256=:";

    /// <summary>Digest of no bytes.</summary>
    public static readonly string OfNothing = Of([]);

    /// <summary><c>sha-256=:…:</c> of a body.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return OfHash(hash);
    }

    /// <summary>The same for a hash that is known, as of a blob.</summary>
    public static string OfHash(ReadOnlySpan<byte> sha256) => $"{Prefix}{Convert.ToBase64String(sha256)}:";

    /// <summary>Reads the SHA-256 out of a header's value, which may name other algorithms too. False without exactly one proper SHA-256; never throws.</summary>
    public static bool TryRead(string? header, Span<byte> sha256)
    {
        var found = false;
        foreach (var range in header.AsSpan().Split(','))
        {
            var entry = header.AsSpan(range).Trim(' ');
            if (!entry.StartsWith("sha-256=", StringComparison.Ordinal))
            {
                continue;
            }

            if (found || !entry.StartsWith(Prefix, StringComparison.Ordinal) || entry.Length <= Prefix.Length || entry[^1] != ':' || !Base64Text.TryRead(entry[Prefix.Length..^1], sha256[..SHA256.HashSizeInBytes]))
            {
                return false;
            }

            found = true;
        }

        return found;
    }

    /// <summary>Whether a header's value is the digest of a body. Never throws.</summary>
    public static bool Matches(string? header, ReadOnlySpan<byte> body)
    {
        Span<byte> claimed = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        if (!TryRead(header, claimed))
        {
            return false;
        }

        SHA256.HashData(body, actual);
        return actual.SequenceEqual(claimed);
    }
}

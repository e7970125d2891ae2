using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeCoder.Protocol.Keys;

/// <summary>
/// A public X25519 key (RFC 7748), as base64 of 32 bytes. Only the one encoding of a number below 2^255 − 19 is a key, and none of the points of small
/// order, with which the shared secret would be known to all (coordinator-and-mesh 2.1).
/// </summary>
public static class EnvelopePublicKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    // 2^255 − 19, little-endian.
    private static readonly byte[] Prime = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    // u of the points of order 1, 2, 4 and 8 of the curve and of its twist, canonical; RFC 7748 section 6.1 and its errata point to the list.
    private static readonly byte[][] SmallOrder =
    [
        new byte[Size],
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>Reads a key. False for anything malformed and for points that are refused.</summary>
    public static bool TryRead(string? base64, [NotNullWhen(true)] out byte[]? raw)
    {
        raw = new byte[Size];
        if (Base64Text.TryRead(base64.AsSpan(), raw) && IsKey(raw))
        {
            return true;
        }

        raw = null;
        return false;
    }

    /// <summary>First 16 hex digits of SHA-256 of the raw key.</summary>
    public static string KeyId(ReadOnlySpan<byte> raw) => Convert.ToHexStringLower(SHA256.HashData(raw).AsSpan(0, 8));

    private static bool IsKey(ReadOnlySpan<byte> raw)
    {
        foreach (var point in SmallOrder)
        {
            if (raw.SequenceEqual(point))
            {
                return false;
            }
        }

        for (var i = Size - 1; i >= 0; i--)
        {
            if (raw[i] != Prime[i])
            {
                return raw[i] < Prime[i];
            }
        }

        return false;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>
/// A public key as authenticators give it: a COSE_Key (RFC 9052, 7; RFC 9053, 2 and 7), which is a CBOR map (RFC 8949) of small integers to integers and byte strings. ECDSA with P-256, P-384, P-521 and RSA PKCS #1 with SHA-256 are
/// read; anything else is refused.
/// </summary>
internal static class CoseKey
{
    private const int MostMembers = 16;

    /// <summary>Whether a signature over data is right; null for a key that is not read here.</summary>
    public static bool? Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (Read(key) is not { } members || !members.TryGetValue(1, out var type) || !members.TryGetValue(3, out var algorithm))
        {
            return null;
        }

        try
        {
            return (type.Number, algorithm.Number) switch
            {
                (2, -7) => Curve(members, 1, ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, data, signature),
                (2, -35) => Curve(members, 2, ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, data, signature),
                (2, -36) => Curve(members, 3, ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512, data, signature),
                (3, -257) => Rsa(members, data, signature),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool? Curve(Dictionary<long, Value> members, long curve, ECCurve named, HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (Number(members, -1) != curve || Bytes(members, -2) is not { } x || Bytes(members, -3) is not { } y)
        {
            return null;
        }

        using var key = ECDsa.Create(new ECParameters { Curve = named, Q = new() { X = x, Y = y } });
        return key.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool? Rsa(Dictionary<long, Value> members, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (Bytes(members, -1) is not { } modulus || Bytes(members, -2) is not { } exponent)
        {
            return null;
        }

        using var key = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static long? Number(Dictionary<long, Value> members, long label) => members.TryGetValue(label, out var value) ? value.Number : null;

    private static byte[]? Bytes(Dictionary<long, Value> members, long label) => members.TryGetValue(label, out var value) ? value.Bytes : null;

    private static Dictionary<long, Value>? Read(ReadOnlySpan<byte> key)
    {
        if (Head(ref key) is not (5, <= MostMembers) map)
        {
            return null;
        }

        var members = new Dictionary<long, Value>();
        for (var n = 0L; n < map.Argument; n++)
        {
            if (Item(ref key) is not { Number: { } label } || Item(ref key) is not { } value || !members.TryAdd(label, value))
            {
                return null;
            }
        }

        return key.IsEmpty ? members : null;
    }

    private static Value? Item(ref ReadOnlySpan<byte> from)
    {
        switch (Head(ref from))
        {
            case (0, var number):
                return new(number, null);
            case (1, var number):
                return new(-1 - number, null);
            case (2, var length) when length <= from.Length:
                var bytes = from[..(int)length].ToArray();
                from = from[(int)length..];
                return new(null, bytes);
            default:
                return null;
        }
    }

    // RFC 8949, 3: major type and argument; of definite length only.
    private static (int Major, long Argument)? Head(ref ReadOnlySpan<byte> from)
    {
        if (from.IsEmpty)
        {
            return null;
        }

        var (major, info) = (from[0] >> 5, from[0] & 31);
        var width = info switch { < 24 => 0, 24 => 1, 25 => 2, 26 => 4, _ => -1 };
        if (width < 0 || from.Length < 1 + width)
        {
            return null;
        }

        long argument = width switch { 0 => info, 1 => from[1], 2 => BinaryPrimitives.ReadUInt16BigEndian(from[1..]), _ => BinaryPrimitives.ReadUInt32BigEndian(from[1..]) };
        from = from[(1 + width)..];
        return (major, argument);
    }

    private sealed record Value(long? Number, byte[]? Bytes);
}

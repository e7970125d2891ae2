using System.Security.Cryptography;

namespace EdgeCoder.Protocol.Keys;

/// <summary>
/// PEM of Ed25519 keys (RFC 7468, RFC 8410). Of an Ed25519 key there is one DER form for each kind, so it is compared, not parsed: a fixed head and 32 bytes.
/// </summary>
internal static class KeyText
{
    /// <summary>Bytes of a raw key, public or private.</summary>
    public const int RawSize = 32;

    // Longer text is no key and not looked at.
    private const int MostCharacters = 4096;

    public const string PublicLabel = "PUBLIC KEY";

    public const string PrivateLabel = "PRIVATE KEY";

    /// <summary>SubjectPublicKeyInfo with id-Ed25519 and a bit string of 32 bytes.</summary>
    public static ReadOnlySpan<byte> PublicHead => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>PKCS#8 version 0 with id-Ed25519 and an octet string of 32 bytes inside one.</summary>
    public static ReadOnlySpan<byte> PrivateHead => [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    /// <summary>Reads the 32 bytes out of PEM text. Anything else is false.</summary>
    public static bool TryRead(string? pem, string label, ReadOnlySpan<byte> head, Span<byte> raw)
    {
        if (pem is null || pem.Length > MostCharacters || !PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != label || !OnlySpaceAround(pem, fields.Location))
        {
            return false;
        }

        Span<byte> der = stackalloc byte[64];
        try
        {
            if (fields.DecodedDataLength != head.Length + RawSize || !Convert.TryFromBase64Chars(pem.AsSpan(fields.Base64Data), der, out var written) || written != head.Length + RawSize || !der.StartsWith(head))
            {
                return false;
            }

            der.Slice(head.Length, RawSize).CopyTo(raw);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Writes PEM text with a final line feed.</summary>
    public static string Write(string label, ReadOnlySpan<byte> head, ReadOnlySpan<byte> raw)
    {
        Span<byte> der = stackalloc byte[head.Length + RawSize];
        head.CopyTo(der);
        raw.CopyTo(der[head.Length..]);
        var text = PemEncoding.WriteString(label, der) + "\n";
        CryptographicOperations.ZeroMemory(der);
        return text;
    }

    private static bool OnlySpaceAround(string pem, Range location)
    {
        var (start, length) = location.GetOffsetAndLength(pem.Length);
        return pem.AsSpan(0, start).IsWhiteSpace() && pem.AsSpan(start + length).IsWhiteSpace();
    }
}

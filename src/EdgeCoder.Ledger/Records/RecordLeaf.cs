using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Records;

/// <summary>
/// A leaf: <c>{"body":…,"hash":"…","signature":"…"}</c>. The body's exact bytes are what is hashed; its hash, as 64 hex digits, is what is signed
/// (economy-and-ledger 1.1, 10). Nothing is ever encoded again to be checked.
/// </summary>
public sealed class RecordLeaf
{
    /// <summary>Most bytes of a leaf: what a length of 16 bits can say.</summary>
    public const int MostBytes = ushort.MaxValue;

    private const int HashDigits = 64;
    private const int SignatureCharacters = 88;

    private RecordLeaf(byte[] bytes, OrderingRecord record, string hash, string signature) => (Bytes, Record, Hash, Signature) = (bytes, record, hash, signature);

    private static ReadOnlySpan<byte> Start => "{\"body\":"u8;

    private static ReadOnlySpan<byte> BeforeHash => ",\"hash\":\""u8;

    private static ReadOnlySpan<byte> BeforeSignature => "\",\"signature\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    private static int Tail => BeforeHash.Length + HashDigits + BeforeSignature.Length + SignatureCharacters + End.Length;

    /// <summary>The exact bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>What it says.</summary>
    public OrderingRecord Record { get; }

    /// <summary>SHA-256 of the body, lower-case hex, as the leaf gives it.</summary>
    public string Hash { get; }

    /// <summary>The signature as the leaf gives it, base64.</summary>
    public string Signature { get; }

    /// <summary>The body's bytes.</summary>
    public ReadOnlySpan<byte> Body => Bytes.AsSpan(Start.Length, Bytes.Length - Start.Length - Tail);

    /// <summary>Hash of the leaf in the tree.</summary>
    public byte[] LeafHash => TreeHash.Leaf(Bytes);

    /// <summary>Whether the hash is the body's.</summary>
    public bool HasItsHash => Convert.ToHexStringLower(SHA256.HashData(Body)) == Hash;

    /// <summary>Signs a record. Throws <see cref="ArgumentException"/> for one whose leaf would be too large.</summary>
    public static RecordLeaf Sign(OrderingRecord record, SigningKey key)
    {
        var body = CanonicalJson.Write(record, LedgerJson.Default.OrderingRecord);
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        var signature = SignedDocument.SignDetached(DocumentContexts.Record, Encoding.ASCII.GetBytes(hash), key);
        byte[] bytes = [.. Start, .. body, .. BeforeHash, .. Encoding.ASCII.GetBytes(hash), .. BeforeSignature, .. Encoding.ASCII.GetBytes(signature), .. End];
        return bytes.Length <= MostBytes
            ? new(bytes, record, hash, signature)
            : throw new ArgumentException($"A leaf has at most {MostBytes} bytes. Name larger material by its hash.", nameof(record));
    }

    /// <summary>
    /// Reads a leaf: its form, version and members. <see cref="LedgerFault.NotCanonical"/> or <see cref="LedgerFault.UnknownVersion"/> where it is none; hash
    /// and signature are not checked here. Never throws.
    /// </summary>
    public static LedgerFault? TryRead(byte[] bytes, [NotNullWhen(true)] out RecordLeaf? leaf)
    {
        leaf = null;
        var bodyEnd = bytes.Length - Tail;
        if (bytes.Length > MostBytes || bodyEnd < Start.Length + 2 || !bytes.AsSpan().StartsWith(Start))
        {
            return LedgerFault.NotCanonical;
        }

        var tail = bytes.AsSpan(bodyEnd);
        var signatureAt = BeforeHash.Length + HashDigits + BeforeSignature.Length;
        var hash = tail.Slice(BeforeHash.Length, HashDigits);
        Span<byte> raw = stackalloc byte[SigningKey.SignatureSize];
        var signature = Encoding.ASCII.GetString(tail.Slice(signatureAt, SignatureCharacters));
        if (!tail.StartsWith(BeforeHash) || !tail[(BeforeHash.Length + HashDigits)..].StartsWith(BeforeSignature) || !tail.EndsWith(End)
            || hash.ContainsAnyExcept("0123456789abcdef"u8) || !Base64Text.TryRead(signature, raw))
        {
            return LedgerFault.NotCanonical;
        }

        var body = bytes.AsSpan(Start.Length, bodyEnd - Start.Length);
        if (!CanonicalJson.IsCanonical(body) || body[0] != '{')
        {
            return LedgerFault.NotCanonical;
        }

        try
        {
            if (JsonSerializer.Deserialize(body, LedgerJson.Default.OrderingRecord) is { } record)
            {
                if (record.V != OrderingRecord.Version)
                {
                    return LedgerFault.UnknownVersion;
                }

                if (record.PayloadJson is { ValueKind: not JsonValueKind.Object })
                {
                    return LedgerFault.NotCanonical;
                }

                leaf = new(bytes, record, Encoding.ASCII.GetString(hash), signature);
                return null;
            }
        }
        catch (JsonException)
        {
            return VersionOf(body) is not (null or OrderingRecord.Version) ? LedgerFault.UnknownVersion : LedgerFault.NotCanonical;
        }

        return LedgerFault.NotCanonical;
    }

    /// <summary>Whether the key has signed the hash.</summary>
    public bool IsSignedBy(VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.Record, Encoding.ASCII.GetBytes(Hash), Signature, key);

    // A later version may have members that are unknown here; it is told as that.
    private static long? VersionOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("v"u8);
            reader.Read();
            if (isVersion)
            {
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var version) ? version : null;
            }

            reader.Skip();
        }

        return null;
    }
}

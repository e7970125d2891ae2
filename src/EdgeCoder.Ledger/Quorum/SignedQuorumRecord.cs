using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Quorum;

/// <summary>
/// A record of a quorum with its exact bytes, their hash, and its author's signature of that hash (economy-and-ledger 1.1, 8.2). In a log and between coordinators it is
/// <c>{"hash":…,"record":…,"signature":…}</c>, canonical, so that the record's bytes are a slice of it.
/// </summary>
public sealed class SignedQuorumRecord
{
    private SignedQuorumRecord(byte[] bytes, QuorumRecord record, string hash, string signature) => (Bytes, Record, Hash, Signature) = (bytes, record, hash, signature);

    /// <summary>The exact bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>What they say.</summary>
    public QuorumRecord Record { get; }

    /// <summary>SHA-256 of the bytes as it was given, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>The author's signature as it was given, base64.</summary>
    public string Signature { get; }

    /// <summary>Whether the hash is that of the bytes.</summary>
    public bool HasItsHash => Convert.ToHexStringLower(SHA256.HashData(Bytes)) == Hash;

    /// <summary>SHA-256 of the exact bytes of what it carries, lower-case hex: a proposal's is what is voted on.</summary>
    public string ContentHash => HashOf(Record.PayloadJson);

    /// <summary>Signs a record. Throws <see cref="ArgumentException"/> where it breaks a rule of its form.</summary>
    public static SignedQuorumRecord Sign(QuorumRecord record, SigningKey key)
    {
        var bytes = CanonicalJson.Write(record, LedgerJson.Default.QuorumRecord);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return TryRead(bytes, hash, SignedDocument.SignDetached(DocumentContexts.QuorumRecord, Encoding.ASCII.GetBytes(hash), key), out var signed) is null
            ? signed!
            : throw new ArgumentException("The record breaks a rule of its form.", nameof(record));
    }

    /// <summary>
    /// Reads a record: its form, version and members. <see cref="LedgerFault.NotCanonical"/> or <see cref="LedgerFault.UnknownVersion"/> where it is none; hash and signature
    /// are not checked here. Never throws.
    /// </summary>
    public static LedgerFault? TryRead(byte[] bytes, string hash, string signature, [NotNullWhen(true)] out SignedQuorumRecord? signed)
    {
        signed = null;
        if (bytes.Length > RecordLeaf.MostBytes || !CanonicalJson.IsCanonical(bytes) || bytes[0] != '{')
        {
            return LedgerFault.NotCanonical;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes, LedgerJson.Default.QuorumRecord) is not { } record)
            {
                return LedgerFault.NotCanonical;
            }

            if (record.V != QuorumRecord.Version)
            {
                return LedgerFault.UnknownVersion;
            }

            if (record.PayloadJson.ValueKind != JsonValueKind.Object || !QuorumRecordTypes.IsKnown(record.RecordType) || !ClientId.IsValid(record.CoordinatorId) || !ClientId.IsValid(record.EpochId)
                || !Guid.TryParseExact(record.RecordId, "D", out _))
            {
                return LedgerFault.NotCanonical;
            }

            signed = new(bytes, record, hash, signature);
            return null;
        }
        catch (JsonException)
        {
            return LedgerFault.NotCanonical;
        }
    }

    /// <summary>The same of the form in which it stands in a log.</summary>
    public static LedgerFault? TryRead(JsonElement shown, [NotNullWhen(true)] out SignedQuorumRecord? signed)
    {
        signed = null;
        return shown.ValueKind == JsonValueKind.Object && shown.GetPropertyCount() == 3
            && shown.TryGetProperty("hash", out var hash) && hash.ValueKind == JsonValueKind.String
            && shown.TryGetProperty("record", out var record) && record.ValueKind == JsonValueKind.Object
            && shown.TryGetProperty("signature", out var signature) && signature.ValueKind == JsonValueKind.String
            ? TryRead(Encoding.UTF8.GetBytes(record.GetRawText()), hash.GetString()!, signature.GetString()!, out signed)
            : LedgerFault.NotCanonical;
    }

    /// <summary>Whether the key has signed the hash.</summary>
    public bool IsSignedBy(VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.QuorumRecord, Encoding.ASCII.GetBytes(Hash), Signature, key);

    /// <summary>The form in which it stands in a log and is answered.</summary>
    public JsonElement Show() =>
        JsonElement.Parse([.. "{\"hash\":\""u8, .. Encoding.ASCII.GetBytes(Hash), .. "\",\"record\":"u8, .. Bytes, .. ",\"signature\":\""u8, .. Encoding.ASCII.GetBytes(Signature), .. "\"}"u8]);

    /// <summary>Hash of a part of canonical JSON.</summary>
    public static string HashOf(JsonElement part) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(part.GetRawText())));
}

using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Logs;

/// <summary>The key that a record announces: the payload of a <c>key_rotation</c> (economy-and-ledger 16.2). The first record of every log is one without an old key.</summary>
public static class KeyAnnouncement
{
    /// <summary>Event type of a record that announces a key.</summary>
    public const string EventType = "key_rotation";

    /// <summary>The member that every such leaf has: others need not be read to be known as none.</summary>
    internal static ReadOnlySpan<byte> Mark => "\"eventType\":\"key_rotation\""u8;

    /// <summary>The exact bytes of the statement; null for another record.</summary>
    public static byte[]? StatementOf(OrderingRecord record) =>
        record is { EventType: EventType, PayloadJson: { ValueKind: JsonValueKind.Object } payload } ? Encoding.UTF8.GetBytes(payload.GetRawText()) : null;

    /// <summary>The new key, SPKI PEM in <c>newPublicKey</c>; null for another record, or a key that is none.</summary>
    public static VerifyingKey? Of(OrderingRecord record) =>
        record is { EventType: EventType, PayloadJson: { } payload } && payload.TryGetProperty("newPublicKey", out var pem) && pem.ValueKind == JsonValueKind.String
        && VerifyingKey.TryParse(pem.GetString(), out var key)
            ? key
            : null;
}

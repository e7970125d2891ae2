using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>An event with its exact bytes, their hash, and the source's signature of that hash (economy-and-ledger 1.1, 14).</summary>
public sealed class SignedBlacklistEvent
{
    /// <summary>Most bytes of an event.</summary>
    public const int MostBytes = 8192;

    private SignedBlacklistEvent(byte[] bytes, BlacklistEvent @event, string hash, string signature) => (Bytes, Event, Hash, Signature) = (bytes, @event, hash, signature);

    /// <summary>The exact bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>What they say.</summary>
    public BlacklistEvent Event { get; }

    /// <summary>SHA-256 of the bytes as it was given, lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>The source's signature as it was given, base64.</summary>
    public string Signature { get; }

    /// <summary>Whether the hash is that of the bytes.</summary>
    public bool HasItsHash => HashOf(Bytes) == Hash;

    /// <summary>Signs an event. Throws <see cref="ArgumentException"/> where it breaks a rule of its form.</summary>
    public static SignedBlacklistEvent Sign(BlacklistEvent @event, SigningKey key)
    {
        var bytes = CanonicalJson.Write(@event, LedgerJson.Default.BlacklistEvent);
        var hash = HashOf(bytes);
        return TryRead(bytes, hash, SignedDocument.SignDetached(DocumentContexts.Blacklist, Encoding.ASCII.GetBytes(hash), key), out var signed)
            ? signed
            : throw new ArgumentException("The event breaks a rule of its form.", nameof(@event));
    }

    /// <summary>Reads an event and its form; neither hash nor signature are checked. Never throws.</summary>
    public static bool TryRead(byte[] bytes, string hash, string signature, [NotNullWhen(true)] out SignedBlacklistEvent? signed)
    {
        signed = null;
        if (bytes.Length > MostBytes || !CanonicalJson.IsCanonical(bytes) || bytes[0] != '{' || HasNull(bytes))
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes, LedgerJson.Default.BlacklistEvent) is { } read && BlacklistForm.IsProper(read))
            {
                signed = new(bytes, read, hash, signature);
            }
        }
        catch (JsonException)
        {
            // Told as false.
        }

        return signed is not null;
    }

    /// <summary>Reads an event as an answer shows it: its members, which must be those of the bytes, with <c>signed</c>, <c>eventHash</c>, <c>coordinatorSignature</c>.</summary>
    public static bool TryRead(JsonObject? shown, [NotNullWhen(true)] out SignedBlacklistEvent? signed)
    {
        signed = null;
        if (shown is null || Text(shown, "signed") is not { } text || Base64Text.TryRead(text) is not { } bytes || Text(shown, "eventHash") is not { } hash || Text(shown, "coordinatorSignature") is not { } signature)
        {
            return false;
        }

        var members = shown.DeepClone().AsObject();
        members.Remove("signed");
        members.Remove("eventHash");
        members.Remove("coordinatorSignature");
        return (members.Count == 0 || CanonicalJson.TryWrite(Encoding.UTF8.GetBytes(members.ToJsonString())) is { } form && form.AsSpan().SequenceEqual(bytes)) && TryRead(bytes, hash, signature, out signed);
    }

    /// <summary>Whether the key has signed the hash.</summary>
    public bool IsSignedBy(VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.Blacklist, Encoding.ASCII.GetBytes(Hash), Signature, key);

    /// <summary>The event as answers show it.</summary>
    public JsonObject Show()
    {
        var shown = JsonNode.Parse(Bytes)!.AsObject();
        shown["eventHash"] = Hash;
        shown["coordinatorSignature"] = Signature;
        shown["signed"] = Convert.ToBase64String(Bytes);
        return shown;
    }

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string? Text(JsonObject shown, string member) => shown[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // Absent members are left out (1.1): a null would be a second way to say the same.
    private static bool HasNull(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return true;
            }
        }

        return false;
    }
}

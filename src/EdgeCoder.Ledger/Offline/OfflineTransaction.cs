using System.Text.Json;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Offline;

/// <summary>
/// Work that two machines settled without a coordinator (economy-and-ledger 17): requester and provider sign the same bytes. Amounts in millicredits, time in
/// milliseconds.
/// </summary>
public sealed record OfflineTransaction
{
    /// <summary>Version, 1.</summary>
    public required int V { get; init; }

    /// <summary>Its id, chosen by the parties.</summary>
    public required string TxId { get; init; }

    /// <summary>What it is spent of.</summary>
    public required string AllowanceId { get; init; }

    /// <summary>Agent that asked.</summary>
    public required string RequesterId { get; init; }

    /// <summary>Agent that worked.</summary>
    public required string ProviderId { get; init; }

    /// <summary>Account that pays.</summary>
    public required string RequesterAccountId { get; init; }

    /// <summary>Account that is paid.</summary>
    public required string ProviderAccountId { get; init; }

    /// <summary>What is paid.</summary>
    public required long CreditsMc { get; init; }

    /// <summary>Time of the processor.</summary>
    public required long CpuMs { get; init; }

    /// <summary>SHA-256 of the task's text, in hex.</summary>
    public required string TaskHash { get; init; }

    /// <summary>When.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>Its canonical bytes: what both sign.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(this, OfflineJson.Default.OfflineTransaction);

    /// <summary>Reads received bytes; null unless they are their own canonical form, of a known version and of this shape.</summary>
    public static OfflineTransaction? Read(ReadOnlySpan<byte> bytes)
    {
        if (!CanonicalJson.IsCanonical(bytes))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, OfflineJson.Default.OfflineTransaction) is { V: 1 } transaction ? transaction : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A party's signature over received bytes, as padded base64.</summary>
    public static string Sign(ReadOnlySpan<byte> bytes, SigningKey key) => SignedDocument.SignDetached(DocumentContexts.OfflineCredit, bytes, key);

    /// <summary>Whether a party signed received bytes. Never throws.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> bytes, string? signature, VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.OfflineCredit, bytes, signature, key);
}

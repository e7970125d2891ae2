using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace EdgeCoder.TestKit.Lightning;

/// <summary>Invoices of somebody out there, which a scripted node is asked to pay. The node knows them by their text, so no reader of invoices is needed here.</summary>
public static class OutgoingInvoice
{
    private static readonly ConcurrentDictionary<string, (string Hash, long AmountMsat)> Made = new(StringComparer.Ordinal);

    /// <summary>A new one.</summary>
    /// <param name="sats">Amount; null: the payer chooses.</param>
    /// <param name="createdAtS">Seconds since the Unix epoch.</param>
    /// <param name="expiryS">Seconds.</param>
    /// <param name="prefix">Of its network.</param>
    public static (string Text, string Hash) New(long? sats, long createdAtS = 1_700_000_000, long expiryS = 3_600, string prefix = "lntbs")
    {
        var hash = RandomNumberGenerator.GetBytes(32);
        var text = InvoiceText.Write(prefix, sats * 1_000, hash, createdAtS, expiryS);
        Made[text] = (Convert.ToHexStringLower(hash), sats * 1_000 ?? 0);
        return (text, Convert.ToHexStringLower(hash));
    }

    /// <summary>Hash and amount of one that was made here; null for any other text.</summary>
    public static (string Hash, long AmountMsat)? Read(string text) => Made.TryGetValue(text, out var made) ? made : null;
}

using System.Globalization;

namespace EdgeCoder.Ledger.Invoices;

/// <summary>
/// What of a Lightning invoice (BOLT 11) is held against what was ordered: which chain it is paid on, how much, and by which hash the payment is known. The signature is the
/// payer's business and is not checked: the invoice is read where it comes from the node itself.
/// </summary>
/// <param name="Network">bitcoin, testnet, signet or regtest.</param>
/// <param name="AmountMsat">Thousandths of a sat; null where the payer chooses.</param>
/// <param name="PaymentHash">64 lower-case hex digits.</param>
/// <param name="CreatedAtS">Seconds since the Unix epoch.</param>
/// <param name="ExpiryS">Seconds that it can be paid for.</param>
public sealed record Bolt11Invoice(string Network, long? AmountMsat, string PaymentHash, long CreatedAtS, long ExpiryS)
{
    private const int TimestampGroups = 7;
    private const int SignatureGroups = 104;
    private const int HashGroups = 52;
    private const int HashTag = 1;
    private const int ExpiryTag = 6;
    private const long StandardExpiryS = 3600;
    private const int MostCharacters = 8192;

    // The longer ones first: bcrt begins with bc, tbs with tb.
    private static readonly (string Prefix, string Network)[] Networks = [("lnbcrt", "regtest"), ("lnbc", "bitcoin"), ("lntbs", "signet"), ("lntb", "testnet")];

    /// <summary>Reads an invoice; null for a text that is none. Fields that BOLT 11 tells a reader to skip are skipped.</summary>
    public static Bolt11Invoice? TryParse(string? text)
    {
        if (text is null or { Length: > MostCharacters } || Bech32Text.Read(text) is not var (prefix, groups) || groups.Length < TimestampGroups + SignatureGroups)
        {
            return null;
        }

        var network = Networks.FirstOrDefault(one => prefix.StartsWith(one.Prefix, StringComparison.Ordinal));
        if (network.Prefix is null || !TryAmount(prefix.AsSpan(network.Prefix.Length), out var amount) || Fields(groups.AsSpan(TimestampGroups..^SignatureGroups)) is not var (hash, expiry))
        {
            return null;
        }

        return new(network.Network, amount, hash, Number(groups.AsSpan(0, TimestampGroups)), expiry);
    }

    // "amount: optional number …, followed by an optional multiplier letter": of a bitcoin, which has 10^11 msat.
    private static bool TryAmount(ReadOnlySpan<char> text, out long? msat)
    {
        msat = null;
        if (text.IsEmpty)
        {
            return true;
        }

        Int128 unit = text[^1] switch
        {
            'm' => 1_000_000_000,
            'u' => 1_000_000,
            'n' => 1_000,
            'p' => 1,
            _ => 1_000_000_000_000,
        };
        var digits = char.IsAsciiDigit(text[^1]) ? text : text[..^1];
        if (digits.IsEmpty || digits[0] == '0' || digits.ContainsAnyExceptInRange('0', '9') || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        // In tenths of a msat, of which only whole ones exist.
        var tenths = number * unit;
        msat = tenths % 10 == 0 && tenths / 10 <= long.MaxValue ? (long)(tenths / 10) : null;
        return msat is not null;
    }

    private static (string Hash, long ExpiryS)? Fields(ReadOnlySpan<byte> groups)
    {
        string? hash = null;
        long? expiry = null;
        while (!groups.IsEmpty)
        {
            if (groups.Length < 3 || groups.Length - 3 < (groups[1] * 32) + groups[2])
            {
                return null;
            }

            var data = groups.Slice(3, (groups[1] * 32) + groups[2]);
            switch (groups[0])
            {
                case HashTag when data.Length == HashGroups:
                    hash ??= Hex(data);
                    break;
                case ExpiryTag when data.Length is > 0 and <= 12:
                    expiry ??= Number(data);
                    break;
            }

            groups = groups[(3 + data.Length)..];
        }

        return hash is null ? null : (hash, expiry ?? StandardExpiryS);
    }

    private static long Number(ReadOnlySpan<byte> groups)
    {
        var number = 0L;
        foreach (var group in groups)
        {
            number = (number << 5) | group;
        }

        return number;
    }

    // 52 groups are 260 bits: 32 bytes and four bits of padding.
    private static string Hex(ReadOnlySpan<byte> groups)
    {
        var bytes = new byte[32];
        for (int bit = 0; bit < 256; bit++)
        {
            bytes[bit / 8] |= (byte)(((groups[bit / 5] >> (4 - (bit % 5))) & 1) << (7 - (bit % 8)));
        }

        return Convert.ToHexStringLower(bytes);
    }
}

namespace EdgeCoder.Ledger.Invoices;

/// <summary>Bech32 as BIP 173 defines it, without its limit of 90 characters, which BOLT 11 lifts.</summary>
internal static class Bech32Text
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumGroups = 6;

    /// <summary>Human-readable part in lower case and the groups of five bits without the checksum; null for anything else than such a text.</summary>
    public static (string Prefix, byte[] Groups)? Read(string text)
    {
        // BIP 173: all of one case.
        if (text.AsSpan().ContainsAnyInRange('A', 'Z') && text.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            return null;
        }

        var lower = text.ToLowerInvariant();
        var separator = lower.LastIndexOf('1');
        if (separator < 1 || lower.Length - separator - 1 < ChecksumGroups || lower.AsSpan(0, separator).ContainsAnyExceptInRange('\x21', '\x7e'))
        {
            return null;
        }

        var groups = new byte[lower.Length - separator - 1];
        for (var at = 0; at < groups.Length; at++)
        {
            var value = Letters.IndexOf(lower[separator + 1 + at], StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            groups[at] = (byte)value;
        }

        return Checksum(lower.AsSpan(0, separator), groups) == 1 ? (lower[..separator], groups[..^ChecksumGroups]) : null;
    }

    // The polynomial of BIP 173 over the expanded prefix and the groups.
    private static uint Checksum(ReadOnlySpan<char> prefix, ReadOnlySpan<byte> groups)
    {
        var sum = 1u;
        foreach (var letter in prefix)
        {
            sum = Step(sum, (uint)letter >> 5);
        }

        sum = Step(sum, 0);
        foreach (var letter in prefix)
        {
            sum = Step(sum, (uint)letter & 31);
        }

        foreach (var group in groups)
        {
            sum = Step(sum, group);
        }

        return sum;
    }

    private static uint Step(uint sum, uint value)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ value;
        for (var bit = 0; bit < generator.Length; bit++)
        {
            sum ^= ((top >> bit) & 1) == 1 ? generator[bit] : 0;
        }

        return sum;
    }
}

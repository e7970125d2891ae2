using System.Globalization;

namespace EdgeCoder.Ledger.Treasury;

/// <summary>What of an output descriptor of Bitcoin is held against a policy: that it was copied whole, and how many of how many keys sign (BIP 380, 383, 387).</summary>
/// <param name="Threshold">How many sign.</param>
/// <param name="Keys">Of how many.</param>
public sealed record OutputDescriptor(int Threshold, int Keys)
{
    private const int ChecksumCharacters = 8;
    private const int MostCharacters = 8192;

    private const string Letters =
        "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";

    private const string ChecksumLetters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static readonly ulong[] Generator = [0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd];
    private static readonly string[] Multisigs = ["sortedmulti_a(", "sortedmulti(", "multi_a(", "multi("];

    /// <summary>Reads a descriptor with one multisig expression; null where its checksum is missing or wrong, or it has none.</summary>
    public static OutputDescriptor? TryParse(string? text)
    {
        if (text is null or { Length: > MostCharacters } || text.IndexOf('#', StringComparison.Ordinal) is not (> 0 and var mark) || Checksum(text[..mark]) is not { } checksum || text[(mark + 1)..] != checksum)
        {
            return null;
        }

        var body = text.AsSpan(0, mark);
        foreach (var name in Multisigs)
        {
            if (body.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at && (at == 0 || body[at - 1] is '(' or ','))
            {
                return Read(body[(at + name.Length)..]);
            }
        }

        return null;
    }

    /// <summary>The checksum of a descriptor; null where it has a letter that descriptors do not have.</summary>
    public static string? Checksum(string descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        var sum = 1UL;
        var (group, count) = (0, 0);
        foreach (var letter in descriptor)
        {
            var value = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            // Each letter gives its low five bits, and three letters together what is above them.
            sum = Step(sum, value & 31);
            group = (group * 3) + (value >> 5);
            if (++count == 3)
            {
                sum = Step(sum, group);
                (group, count) = (0, 0);
            }
        }

        sum = count > 0 ? Step(sum, group) : sum;
        for (var n = 0; n < ChecksumCharacters; n++)
        {
            sum = Step(sum, 0);
        }

        sum ^= 1;
        return string.Create(ChecksumCharacters, sum, static (text, sum) =>
        {
            for (var at = 0; at < ChecksumCharacters; at++)
            {
                text[at] = ChecksumLetters[(int)(sum >> (5 * (ChecksumCharacters - 1 - at))) & 31];
            }
        });
    }

    private static ulong Step(ulong sum, int value)
    {
        var top = sum >> 35;
        sum = ((sum & 0x7ffffffff) << 5) ^ (ulong)value;
        for (var bit = 0; bit < Generator.Length; bit++)
        {
            sum ^= ((top >> bit) & 1) == 1 ? Generator[bit] : 0;
        }

        return sum;
    }

    // "k,key,key,…)": keys have no commas of their own, and brackets only in pairs.
    private static OutputDescriptor? Read(ReadOnlySpan<char> arguments)
    {
        var (depth, start, parts) = (0, 0, new List<string>());
        for (var at = 0; at < arguments.Length; at++)
        {
            switch (arguments[at])
            {
                case '(':
                    depth++;
                    break;
                case ')' when depth > 0:
                    depth--;
                    break;
                case ',' or ')' when depth == 0:
                    parts.Add(arguments[start..at].ToString());
                    start = at + 1;
                    break;
            }

            if (arguments[at] == ')' && depth == 0 && start == at + 1)
            {
                break;
            }
        }

        return parts.Count > 1
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var threshold)
            && threshold >= 1 && threshold <= parts.Count - 1
            && parts.Skip(1).All(key => key.Length > 0) && parts.Skip(1).Distinct(StringComparer.Ordinal).Count() == parts.Count - 1
            ? new(threshold, parts.Count - 1)
            : null;
    }
}

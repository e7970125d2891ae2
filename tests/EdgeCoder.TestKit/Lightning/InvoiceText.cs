using System.Globalization;
using System.Text;

namespace EdgeCoder.TestKit.Lightning;

/// <summary>
/// Writes BOLT 11 strings, apart from the product's reader: prefix with the amount, time, payment hash, description and expiry, and the checksum of bech32. The place of
/// the signature is filled and not signed: the reader under test looks at what the node's own answer is held against.
/// </summary>
public static class InvoiceText
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int SignatureGroups = 104;

    /// <summary>An invoice.</summary>
    /// <param name="prefix"><c>lnbc</c>, <c>lntb</c>, <c>lntbs</c>.</param>
    /// <param name="amountMsat">Thousandths of a sat; null: the payer chooses.</param>
    /// <param name="hash">32 bytes.</param>
    /// <param name="createdAtS">Seconds since the Unix epoch.</param>
    /// <param name="expiryS">Seconds.</param>
    public static string Write(string prefix, long? amountMsat, byte[] hash, long createdAtS, long expiryS)
    {
        var groups = new List<int>();
        for (var shift = 30; shift >= 0; shift -= 5)
        {
            groups.Add((int)(createdAtS >> shift) & 31);
        }

        Field(groups, 'p', Groups(hash));
        Field(groups, 'd', Groups(Encoding.UTF8.GetBytes("credits")));
        Field(groups, 'x', [(int)(expiryS >> 15) & 31, (int)(expiryS >> 10) & 31, (int)(expiryS >> 5) & 31, (int)expiryS & 31]);
        groups.AddRange(Enumerable.Range(0, SignatureGroups).Select(at => at % 32));
        var text = prefix + (amountMsat is { } msat ? (msat * 10).ToString(CultureInfo.InvariantCulture) + "p" : "");
        groups.AddRange(Checksum(text, groups));
        return text + "1" + string.Concat(groups.Select(group => Letters[group]));
    }

    private static void Field(List<int> groups, char tag, IReadOnlyList<int> data)
    {
        groups.Add(Letters.IndexOf(tag, StringComparison.Ordinal));
        groups.Add(data.Count / 32);
        groups.Add(data.Count % 32);
        groups.AddRange(data);
    }

    private static List<int> Groups(byte[] bytes)
    {
        var bits = string.Concat(bytes.Select(one => Convert.ToString(one, 2).PadLeft(8, '0')));
        bits = bits.PadRight((bits.Length + 4) / 5 * 5, '0');
        return [.. Enumerable.Range(0, bits.Length / 5).Select(at => Convert.ToInt32(bits.Substring(at * 5, 5), 2))];
    }

    private static IEnumerable<int> Checksum(string prefix, List<int> groups)
    {
        var sum = 1L;
        foreach (var value in prefix.Select(letter => letter >> 5).Append(0).Concat(prefix.Select(letter => letter & 31)).Concat(groups).Concat(new int[6]))
        {
            var top = sum >> 25;
            sum = ((sum & 0x1ffffff) << 5) ^ value;
            long[] generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
            for (var bit = 0; bit < 5; bit++)
            {
                sum ^= ((top >> bit) & 1) == 1 ? generator[bit] : 0;
            }
        }

        sum ^= 1;
        return Enumerable.Range(0, 6).Select(at => (int)(sum >> (5 * (5 - at))) & 31);
    }
}

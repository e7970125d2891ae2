using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeCoder.Protocol.Canonical;

/// <summary>Numbers as RFC 8785 3.2.2.3 writes them: the value as a double, in the form of ECMAScript.</summary>
internal static class CanonicalNumber
{
    // Beyond it not every integer is a double.
    private const long ExactIntegers = 1L << 53;

    public static void Write(ref Utf8JsonReader reader, ByteBuffer output)
    {
        if (reader.TryGetInt64(out var integer) && integer is >= -ExactIntegers and <= ExactIntegers)
        {
            Utf8Formatter.TryFormat(integer, output.Room(20), out var written);
            output.Count += written;
            return;
        }

        if (!reader.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            throw new JsonException("A number is beyond a double.");
        }

        output.Write(Encoding.ASCII.GetBytes(Format(value)));
    }

    /// <summary>ECMA-262 Number::toString: shortest digits that read back as the value; an exponent only from 1e21 on and below 1e-6.</summary>
    public static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        var sign = value < 0 ? "-" : "";
        var (digits, point) = Digits(Math.Abs(value));
        var text = point switch
        {
            > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => string.Create(CultureInfo.InvariantCulture, $"{digits[..1]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}"),
        };
        return sign + text;
    }

    /// <summary>Shortest significant digits, and where the decimal point stands behind the first of them: 12.5 is ("125", 2).</summary>
    private static (string Digits, int Point) Digits(double value)
    {
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length == 1 ? 0 : int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), (dot < 0 ? all.Length : dot) - (all.Length - digits.Length) + exponent);
    }
}

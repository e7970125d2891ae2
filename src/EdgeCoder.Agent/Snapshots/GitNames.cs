using System.Text;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>File names in a git diff: plain, or quoted as in C. Pure.</summary>
internal static class GitNames
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The name that a whole text is; null when it is none.</summary>
    public static string? Read(ReadOnlySpan<byte> text) =>
        text.Length > 0 && text[0] == '"' ? Quoted(ref text) is { } name && text.IsEmpty ? name : null : Text(text);

    /// <summary>A name in quotes at the beginning, which is taken off; null when it does not end or is not UTF-8.</summary>
    public static string? Quoted(ref ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                text = text[(i + 1)..];
                return Text(bytes.ToArray());
            }

            if (text[i] != '\\')
            {
                bytes.Add(text[i]);
                continue;
            }

            if (++i >= text.Length)
            {
                return null;
            }

            if (text[i] is >= (byte)'0' and <= (byte)'3' && i + 2 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'7' && text[i + 2] is >= (byte)'0' and <= (byte)'7')
            {
                bytes.Add((byte)(((text[i] - '0') << 6) | ((text[i + 1] - '0') << 3) | (text[i + 2] - '0')));
                i += 2;
            }
            else if ("abfnrtv\"\\".IndexOf((char)text[i], StringComparison.Ordinal) is >= 0 and var known)
            {
                bytes.Add("\a\b\f\n\r\t\v\"\\"u8[known]);
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The two names of <c>diff --git</c>, with their prefixes; null when they are not one name on both sides and cannot be told apart.</summary>
    public static (string Old, string New)? Both(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        if (text[0] == '"')
        {
            return Quoted(ref text) is { } first && text.Length > 1 && text[0] == ' ' && Read(text[1..]) is { } second ? (first, second) : null;
        }

        if (text.IndexOf(" \""u8) is > 0 and var at)
        {
            return Text(text[..at]) is { } plain && Read(text[(at + 1)..]) is { } quoted ? (plain, quoted) : null;
        }

        // Without quotes a space may be of a name: only one name twice is told apart for certain.
        var half = text.Length / 2;
        return text.Length % 2 == 1 && text[half] == ' ' && text.Length > 5 && text[..2].SequenceEqual("a/"u8) && text.Slice(half + 1, 2).SequenceEqual("b/"u8)
            && text[2..half].SequenceEqual(text[(half + 3)..]) && Text(text[..half]) is { } old && Text(text[(half + 1)..]) is { } @new ? (old, @new) : null;
    }

    /// <summary>Whether the words after <c>diff --git</c> name these files.</summary>
    public static bool Matches(ReadOnlySpan<byte> text, string old, string @new) =>
        Take(ref text, "a/" + old) && !text.IsEmpty && text[0] == ' ' && Read(text[1..]) == "b/" + @new;

    private static bool Take(ref ReadOnlySpan<byte> text, string name)
    {
        if (text.Length > 0 && text[0] == '"')
        {
            return Quoted(ref text) == name;
        }

        var bytes = Utf8.GetBytes(name);
        if (!text.StartsWith(bytes))
        {
            return false;
        }

        text = text[bytes.Length..];
        return true;
    }

    private static string? Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

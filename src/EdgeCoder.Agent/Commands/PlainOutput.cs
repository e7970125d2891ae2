using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Commands;

/// <summary>What a command printed, as text without orders to a terminal: pure.</summary>
internal static partial class PlainOutput
{
    /// <summary>Bytes of each stream that are kept for a result, so that both and what is said about them stay within 64 KiB.</summary>
    public const int StreamBytes = 28 << 10;

    /// <summary>A stream.</summary>
    /// <param name="text">What was kept of it.</param>
    /// <param name="most">Most bytes of the result in UTF-8, without the note of the gap.</param>
    public static (string Text, bool Cut) Of(CommandText text, int most = StreamBytes)
    {
        var (head, tail) = (Clean(text.Head), Clean(text.Tail));
        var whole = text.Dropped == 0 ? head : $"{head}\n[{text.Dropped} bytes dropped]\n{tail}";
        return Encoding.UTF8.GetByteCount(whole) <= most ? (whole, text.Dropped > 0) : (Shorten(head, tail, text.Dropped, most), true);
    }

    private static string Shorten(string head, string tail, long dropped, int most)
    {
        var end = tail.Length > 0 ? tail : head;
        var (first, last) = (First(head, most / 2), Last(end, most / 2));
        var gone = Encoding.UTF8.GetByteCount(head) + Encoding.UTF8.GetByteCount(tail) - Encoding.UTF8.GetByteCount(first) - Encoding.UTF8.GetByteCount(last) + dropped;
        return $"{first}\n[{gone} bytes dropped]\n{last}";
    }

    private static string First(string text, int most)
    {
        var length = Math.Min(text.Length, most);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > most)
        {
            length -= Math.Max(1, (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) - most) / 3);
        }

        return length > 0 && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }

    private static string Last(string text, int most)
    {
        var length = Math.Min(text.Length, most);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(text.Length - length)) > most)
        {
            length -= Math.Max(1, (Encoding.UTF8.GetByteCount(text.AsSpan(text.Length - length)) - most) / 3);
        }

        return length > 0 && char.IsLowSurrogate(text[^length]) ? text[^(length - 1)..] : text[^length..];
    }

    private static string Clean(byte[] bytes) => Escapes().Replace(Encoding.UTF8.GetString(bytes), "").Replace("\r\n", "\n", StringComparison.Ordinal);

    // Control sequences, orders to the window, other escapes, and control characters but tab and line ends.
    [GeneratedRegex(@"\x1B\[[0-?]*[ -/]*[@-~]|\x1B\][^\x07\x1B]*(?:\x07|\x1B\\)?|\x1B.|[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]", RegexOptions.NonBacktracking)]
    private static partial Regex Escapes();
}

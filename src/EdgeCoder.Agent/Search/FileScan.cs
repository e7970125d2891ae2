using System.Buffers;
using System.Text;
using EdgeCoder.Agent.Files;

namespace EdgeCoder.Agent.Search;

/// <summary>A line that matches.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">The line, shortened where it is long.</param>
/// <param name="Before">Lines before it.</param>
/// <param name="After">Lines after it.</param>
internal sealed record SearchMatch(int Number, string Text, IReadOnlyList<string> Before, IReadOnlyList<string> After);

/// <summary>Searches the bytes of one file for lines that match. Used by one thread at a time; its buffers are kept between files.</summary>
internal sealed class FileScan(SearchPattern pattern, int context) : IDisposable
{
    private const int LongestShown = 300;

    private char[] _characters = ArrayPool<char>.Shared.Rent(1 << 16);

    /// <summary>Counts the matching lines and keeps the first of them.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="keep">How many to keep.</param>
    /// <param name="kept">Those.</param>
    public int Run(ReadOnlySpan<byte> bytes, int keep, List<SearchMatch> kept)
    {
        if (bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            return FileText.Decode(bytes) is { } text ? Characters(text.Text, keep, kept) : 0;
        }

        if (FileText.IsBinary(bytes))
        {
            return 0;
        }

        bytes = bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? bytes[3..] : bytes;
        return pattern.Literals is { } literals && !pattern.LineByLine ? Bytes(bytes, literals, keep, kept) : Decoded(bytes, keep, kept);
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<char>.Shared.Return(_characters);

    /// <summary>Looks for the required bytes first; only lines that hold them are decoded.</summary>
    private int Bytes(ReadOnlySpan<byte> bytes, byte[][] literals, int keep, List<SearchMatch> kept)
    {
        Span<int> next = stackalloc int[literals.Length];
        next.Fill(-1);
        int count = 0, from = 0, counted = 0, line = 1;
        while (Nearest(bytes, literals, next, from) is var hit and >= 0)
        {
            var start = bytes[..hit].LastIndexOf((byte)'\n') + 1;
            var end = bytes[hit..].IndexOf((byte)'\n') is var length and >= 0 ? hit + length : bytes.Length;
            if (pattern.IsLiteral || pattern.Regex.IsMatch(Decode(TrimReturn(bytes[start..end]))))
            {
                count++;
                if (kept.Count < keep)
                {
                    line += bytes[counted..start].Count((byte)'\n');
                    counted = start;
                    kept.Add(Match(bytes, start, end, line));
                }
            }

            from = end + 1;
            if (from >= bytes.Length)
            {
                break;
            }
        }

        return count;
    }

    /// <summary>The nearest occurrence of any literal; where each one is next is remembered.</summary>
    private static int Nearest(ReadOnlySpan<byte> bytes, byte[][] literals, Span<int> next, int from)
    {
        var nearest = int.MaxValue;
        for (var i = 0; i < literals.Length; i++)
        {
            if (next[i] < from)
            {
                var found = bytes[from..].IndexOf(literals[i]);
                next[i] = found < 0 ? int.MaxValue : from + found;
            }

            nearest = Math.Min(nearest, next[i]);
        }

        return nearest == int.MaxValue ? -1 : nearest;
    }

    private int Decoded(ReadOnlySpan<byte> bytes, int keep, List<SearchMatch> kept)
    {
        var characters = Decode(bytes);
        if (characters.Contains('\r'))
        {
            characters = WithoutReturns(_characters.AsSpan(0, characters.Length));
        }

        return Characters(characters, keep, kept);
    }

    private int Characters(ReadOnlySpan<char> text, int keep, List<SearchMatch> kept)
    {
        int count = 0, from = 0, counted = 0, line = 1;
        while (from < text.Length && NextMatch(text, from) is var (start, end) && start >= 0)
        {
            count++;
            if (kept.Count < keep)
            {
                line += text[counted..start].Count('\n');
                counted = start;
                kept.Add(Match(text, start, end, line));
            }

            from = end + 1;
        }

        return count;
    }

    /// <summary>The next line that matches by itself; -1 when there is none.</summary>
    private (int Start, int End) NextMatch(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length)
        {
            var at = from;
            var within = false;
            if (!pattern.LineByLine)
            {
                var matches = pattern.Regex.EnumerateMatches(text[from..]);
                if (!matches.MoveNext())
                {
                    return (-1, -1);
                }

                at = from + matches.Current.Index;
                within = text.Slice(at, matches.Current.Length).IndexOf('\n') < 0;
            }

            if (at >= text.Length)
            {
                return (-1, -1); // Behind the last line end there is no line.
            }

            var start = text[..at].LastIndexOf('\n') + 1;
            var end = text[at..].IndexOf('\n') is var length and >= 0 ? at + length : text.Length;

            // A match that goes over a line end says nothing yet about the line it begins in.
            if (within || pattern.Regex.IsMatch(text[start..end]))
            {
                return (start, end);
            }

            from = end + 1;
        }

        return (-1, -1);
    }

    private SearchMatch Match(ReadOnlySpan<byte> bytes, int start, int end, int number)
    {
        var (before, after) = (new List<string>(), new List<string>());
        var at = start;
        for (var i = 0; i < context && at > 0; i++)
        {
            var previous = bytes[..(at - 1)].LastIndexOf((byte)'\n') + 1;
            before.Insert(0, Shortened(Decode(TrimReturn(bytes[previous..(at - 1)])), 0));
            at = previous;
        }

        at = end + 1;
        for (var i = 0; i < context && at < bytes.Length; i++)
        {
            var next = bytes[at..].IndexOf((byte)'\n') is var length and >= 0 ? at + length : bytes.Length;
            after.Add(Shortened(Decode(TrimReturn(bytes[at..next])), 0));
            at = next + 1;
        }

        return new(number, Line(Decode(TrimReturn(bytes[start..end]))), before, after);
    }

    private SearchMatch Match(ReadOnlySpan<char> text, int start, int end, int number)
    {
        var (before, after) = (new List<string>(), new List<string>());
        var at = start;
        for (var i = 0; i < context && at > 0; i++)
        {
            var previous = text[..(at - 1)].LastIndexOf('\n') + 1;
            before.Insert(0, Shortened(text[previous..(at - 1)].TrimEnd('\r'), 0));
            at = previous;
        }

        at = end + 1;
        for (var i = 0; i < context && at < text.Length; i++)
        {
            var next = text[at..].IndexOf('\n') is var length and >= 0 ? at + length : text.Length;
            after.Add(Shortened(text[at..next].TrimEnd('\r'), 0));
            at = next + 1;
        }

        return new(number, Line(text[start..end].TrimEnd('\r')), before, after);
    }

    /// <summary>A line as it is shown: of a long one the part around the match.</summary>
    private string Line(ReadOnlySpan<char> line)
    {
        if (line.Length <= LongestShown)
        {
            return line.ToString();
        }

        var matches = pattern.Regex.EnumerateMatches(line);
        return Shortened(line, matches.MoveNext() ? matches.Current.Index : 0);
    }

    private static string Shortened(ReadOnlySpan<char> line, int around)
    {
        if (line.Length <= LongestShown)
        {
            return line.ToString();
        }

        var start = Math.Clamp(around - (LongestShown / 3), 0, line.Length - LongestShown);
        return $"{(start > 0 ? "... " : "")}{line.Slice(start, LongestShown)}{(start + LongestShown < line.Length ? " ..." : "")} [line of {line.Length} characters]";
    }

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes)
    {
        if (_characters.Length < bytes.Length)
        {
            ArrayPool<char>.Shared.Return(_characters);
            _characters = ArrayPool<char>.Shared.Rent(bytes.Length);
        }

        return _characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, _characters));
    }

    private static ReadOnlySpan<char> WithoutReturns(Span<char> text)
    {
        var to = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                text[to++] = text[i];
            }
        }

        return text[..to];
    }

    private static ReadOnlySpan<byte> TrimReturn(ReadOnlySpan<byte> line) => line.EndsWith("\r"u8) ? line[..^1] : line;
}

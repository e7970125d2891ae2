using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>
/// Private keys in PEM, OpenSSH and PGP armour (RFC 7468; RFC 9580 6.2): whole, cut off at either end, and as lines of a diff or of a numbered listing.
/// </summary>
internal static class PrivateKeyBlocks
{
    private static readonly Lazy<Regex> Begin = new(() => RedactionPattern.Of("-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"));
    private static readonly Lazy<Regex> End = new(() => RedactionPattern.Of("-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"));
    private static readonly Lazy<Regex> Between = new(() => RedactionPattern.Of("""[\r\n]+"""));
    private static readonly Lazy<Regex> ArmourLine = new(() => RedactionPattern.Of("""^[ \t]*([0-9]+[\t:|]?[ \t]*)?[-+>|]?[ \t]*([A-Za-z0-9+/=]*|[A-Z][A-Za-z-]+: [^"]*)[ \t",';]*$"""));

    /// <summary>Finds them.</summary>
    public static void Find(string text, SecretFound found)
    {
        if (!text.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return;
        }

        var from = 0;
        while (true)
        {
            var begin = Begin.Value.Match(text, from);
            var end = End.Value.Match(text, from);
            if (!begin.Success && !end.Success)
            {
                return;
            }

            // An end before any beginning is one whose beginning was cut off.
            var (start, stop) = begin.Success && (!end.Success || begin.Index < end.Index)
                ? (begin.Index, StopOf(text, begin, end))
                : (LinesBefore(text, from, end.Index), end.Index + end.Length);
            found(RedactionKind.PrivateKey, start, stop);
            from = stop;
        }
    }

    private static int StopOf(string text, Match begin, Match end)
    {
        var body = begin.Index + begin.Length;
        var next = Begin.Value.Match(text, body);
        return end.Success && (!next.Success || end.Index < next.Index) ? end.Index + end.Length : LinesAfter(text, body);
    }

    /// <summary>Where the armour that starts here was cut off.</summary>
    private static int LinesAfter(string text, int from)
    {
        var stop = from;
        for (var at = from; at <= text.Length;)
        {
            var gap = Between.Value.Match(text, at);
            var lineEnd = gap.Success ? gap.Index : text.Length;
            if (!ArmourLine.Value.IsMatch(text.AsSpan(at, lineEnd - at)))
            {
                // A line of which only the beginning is armour: a string that was cut with its quote.
                return Math.Max(stop, at + Armour(text.AsSpan(at, lineEnd - at)));
            }

            stop = lineEnd;
            at = gap.Success ? gap.Index + gap.Length : text.Length + 1;
        }

        return stop;
    }

    private static int LinesBefore(string text, int from, int end)
    {
        var at = end;
        while (at > from)
        {
            var lineStart = LineStart(text, from, at - 1);
            if (!ArmourLine.Value.IsMatch(text.AsSpan(lineStart, at - lineStart).TrimEnd("\r\n")))
            {
                break;
            }

            at = lineStart;
        }

        return at;
    }

    private static int LineStart(string text, int from, int at)
    {
        // Past the line end that stands right before.
        while (at > from && text[at] is '\n' or '\r')
        {
            at--;
        }

        while (at > from && text[at - 1] != '\n')
        {
            at--;
        }

        return at;
    }

    private static int Armour(ReadOnlySpan<char> line)
    {
        var length = line.IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
        return length < 0 ? line.Length : length;
    }
}

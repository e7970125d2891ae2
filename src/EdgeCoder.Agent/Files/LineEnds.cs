using System.Text;

namespace EdgeCoder.Agent.Files;

/// <summary>Line ends of texts.</summary>
internal static class LineEnds
{
    /// <summary>The one that most lines of a text have; <c>\n</c> for a text without any.</summary>
    public static string Of(string text)
    {
        int pairs = 0, all = 0;
        for (var at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            all++;
            pairs += at > 0 && text[at - 1] == '\r' ? 1 : 0;
        }

        return pairs * 2 > all ? "\r\n" : "\n";
    }

    /// <summary>The text with this line end everywhere; a lone <c>\r</c> is no line end.</summary>
    public static string Set(string text, string lineEnd)
    {
        var plain = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        return lineEnd == "\n" ? plain : plain.Replace("\n", lineEnd, StringComparison.Ordinal);
    }

    /// <summary>Lines with their ends; the last one may have none. An empty text has no lines.</summary>
    public static List<string> Split(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var at and >= 0 ? at + 1 : text.Length;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    /// <summary>A line without its end.</summary>
    public static ReadOnlySpan<char> Body(string line)
    {
        var body = line.AsSpan();
        body = body.EndsWith("\n") ? body[..^1] : body;
        return body.EndsWith("\r") ? body[..^1] : body;
    }

    /// <summary>The text with <c>\n</c> for every <c>\r\n</c>, and for each of its characters, and the end, where it is in the original.</summary>
    public static (string Plain, int[] Origin) Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        var origin = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                // The end of a line is where its \r is, so that a match which ends before it leaves it whole.
                origin.Add(text[i] == '\n' && i > 0 && text[i - 1] == '\r' ? i - 1 : i);
                plain.Append(text[i]);
            }
        }

        origin.Add(text.Length);
        return (plain.ToString(), [.. origin]);
    }
}

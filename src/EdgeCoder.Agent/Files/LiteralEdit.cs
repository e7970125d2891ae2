using System.Text;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary>
/// Replaces literal text in a text. Pure. What is put in is never read as a pattern or a substitution; where the file's lines end in <c>\r\n</c> and the texts
/// say <c>\n</c>, the file's ends are meant.
/// </summary>
internal static class LiteralEdit
{
    private const int MostLinesNamed = 20;

    /// <summary>The new text and how often something was replaced. Throws <see cref="ToolException"/> with what would help.</summary>
    public static (string Text, int Count) Apply(string path, string text, string old, string @new, bool all)
    {
        if (old.Length == 0)
        {
            throw new ToolException("old_string is empty. Give the text to replace; to create a file use write_file.");
        }

        if (old == @new)
        {
            throw new ToolException("old_string and new_string are the same; there is nothing to do.");
        }

        var literal = HasLoneReturn(old) ? Occurrences(text, old) : [];
        var (ranges, lineEnd) = literal.Count > 0 ? (literal, null) : PlainOccurrences(text, old);
        if (ranges.Count == 0)
        {
            throw new ToolException($"old_string was not found in {path}. {NearestLines.Describe(text, old)} Nothing was written.");
        }

        if (ranges.Count > 1 && !all)
        {
            throw new ToolException($"old_string occurs {ranges.Count} times in {path}, in lines {Lines(text, ranges)}. Add lines around it so that it is unique, or set replace_all. Nothing was written.");
        }

        return (Replace(text, ranges, @new, lineEnd), ranges.Count);
    }

    private static bool HasLoneReturn(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Contains('\r');

    private static List<Range> Occurrences(string text, string old)
    {
        var ranges = new List<Range>();
        for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0; at = text.IndexOf(old, at + old.Length, StringComparison.Ordinal))
        {
            ranges.Add(at..(at + old.Length));
        }

        return ranges;
    }

    /// <summary>Occurrences where every line end stands for every other.</summary>
    private static (List<Range> Ranges, string LineEnd) PlainOccurrences(string text, string old)
    {
        var wanted = LineEnds.Set(old, "\n");
        if (!text.Contains("\r\n", StringComparison.Ordinal))
        {
            return (Occurrences(text, wanted), "\n");
        }

        var (plain, origin) = LineEnds.Plain(text);
        return ([.. Occurrences(plain, wanted).Select(range => origin[range.Start.Value]..origin[range.End.Value])], LineEnds.Of(text));
    }

    private static string Replace(string text, List<Range> ranges, string @new, string? lineEnd)
    {
        var result = new StringBuilder(text.Length + (ranges.Count * @new.Length));
        var from = 0;
        foreach (var range in ranges)
        {
            var replaced = text[range];
            result.Append(text, from, range.Start.Value - from).Append(lineEnd is null ? @new : LineEnds.Set(@new, replaced.Contains('\n') ? LineEnds.Of(replaced) : lineEnd));
            from = range.End.Value;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static string Lines(string text, List<Range> ranges)
    {
        var numbers = ranges.Take(MostLinesNamed).Select(range => text.AsSpan(0, range.Start.Value).Count('\n') + 1);
        return string.Join(", ", numbers) + (ranges.Count > MostLinesNamed ? ", ..." : "");
    }
}

using System.Globalization;
using System.Text;

namespace EdgeCoder.Reviews;

/// <summary>Puts parts that a person edited into the text they were made for: exactly there or not at all.</summary>
internal static class HunkEdit
{
    /// <summary>The new text. Throws <see cref="FormatException"/> when a line that should stay or go is not there.</summary>
    public static string Apply(ReadFile file, string before)
    {
        var old = Lines(before);
        var text = new StringBuilder();
        var at = 0;
        foreach (var hunk in file.Hunks)
        {
            // A part that takes no old line stands after the line that it names.
            var takes = hunk.Lines.Any(line => line[0] != '+');
            var start = takes ? hunk.OldStart - 1 : hunk.OldStart;
            if (start < at || start > old.Count)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: the part at line {hunk.OldStart} is out of order or beyond the end."));
            }

            Append(text, old, at, start);
            at = start;
            foreach (var line in hunk.Lines)
            {
                if (line[0] == '+')
                {
                    text.Append(line.AsSpan(1));
                    continue;
                }

                if (at >= old.Count || !Same(old[at], line[1..]))
                {
                    throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: line {at + 1} is not \"{line[1..].TrimEnd('\n', '\r')}\". Only lines with + may be reworded, and a - may become a space."));
                }

                if (line[0] == ' ')
                {
                    text.Append(old[at]);
                }

                at++;
            }
        }

        Append(text, old, at, old.Count);
        return text.ToString();
    }

    // The last line may have no line end, and an editor may have changed those of the patch.
    private static bool Same(string old, string line) => old.TrimEnd('\n', '\r') == line.TrimEnd('\n', '\r');

    private static void Append(StringBuilder text, List<string> lines, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            text.Append(lines[i]);
        }
    }

    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            lines.Add(text[at..next]);
            at = next;
        }

        return lines;
    }
}

using System.Globalization;
using System.Text;

namespace EdgeCoder.Agent.Files;

/// <summary>Finds the lines of a file that look most like a text that was not found: what helps a model to see its own mistake.</summary>
internal static class NearestLines
{
    private const int MostShown = 12;
    private const int MostCompared = 50_000;
    private const int LongestLine = 200;

    /// <summary>A sentence with the nearest lines, or that there are none.</summary>
    public static string Describe(string text, string wanted)
    {
        var lines = LineEnds.Split(text).Take(MostCompared).Select(line => LineEnds.Body(line).ToString()).ToList();
        var sought = LineEnds.Split(wanted).Select(line => LineEnds.Body(line).ToString()).ToList();
        var anchor = sought.FindIndex(line => line.Trim().Length > 0);
        if (lines.Count == 0 || anchor < 0)
        {
            return lines.Count == 0 ? "The file is empty." : "Check the white space.";
        }

        var (best, score) = Best(lines, sought, anchor);
        return score < 0.35 ? "No line of it is similar; read the file again." : Show(lines, best, sought.Count, sought);
    }

    private static (int At, double Score) Best(List<string> lines, List<string> sought, int anchor)
    {
        var best = (At: 0, Score: -1.0);
        for (var i = 0; i < lines.Count; i++)
        {
            var score = Likeness(lines[i].Trim(), sought[anchor].Trim());
            if (score > 0.3 && sought.Count > anchor + 1 && i + 1 < lines.Count)
            {
                score = (score * 0.7) + (0.3 * Likeness(lines[i + 1].Trim(), sought[anchor + 1].Trim()));
            }

            best = score > best.Score ? (Math.Max(0, i - anchor), score) : best;
        }

        return best;
    }

    private static string Show(List<string> lines, int at, int count, List<string> sought)
    {
        var shown = Math.Min(Math.Min(count, MostShown), lines.Count - at);
        var text = new StringBuilder(OnlySpaceDiffers(lines, at, sought) ? "Only white space differs from these lines:" : "The nearest lines are:");
        for (var i = at; i < at + shown; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{i + 1,6}\t{(lines[i].Length > LongestLine ? lines[i][..LongestLine] : lines[i])}");
        }

        return text.Append('\n').ToString();
    }

    private static bool OnlySpaceDiffers(List<string> lines, int at, List<string> sought) =>
        at + sought.Count <= lines.Count && sought.Select((line, i) => Squeezed(line) == Squeezed(lines[at + i])).All(same => same);

    private static string Squeezed(string line) => string.Concat(line.Where(character => !char.IsWhiteSpace(character)));

    /// <summary>Share of pairs of characters that both have: 1 for equal texts, 0 for nothing in common.</summary>
    private static double Likeness(string one, string other)
    {
        if (one.Length < 2 || other.Length < 2)
        {
            return one == other && one.Length > 0 ? 1 : 0;
        }

        if (one.Length > LongestLine || other.Length > LongestLine)
        {
            return Likeness(one[..Math.Min(one.Length, LongestLine)], other[..Math.Min(other.Length, LongestLine)]);
        }

        Span<byte> pairs = stackalloc byte[1_024];
        pairs.Clear();
        for (var i = 0; i < one.Length - 1; i++)
        {
            pairs[Slot(one, i)]++;
        }

        var common = 0;
        for (var i = 0; i < other.Length - 1; i++)
        {
            ref var count = ref pairs[Slot(other, i)];
            common += count > 0 ? 1 : 0;
            count -= (byte)(count > 0 ? 1 : 0);
        }

        return 2.0 * common / (one.Length + other.Length - 2);
    }

    private static int Slot(string text, int at) => ((text[at] * 31) + text[at + 1]) & 1_023;
}

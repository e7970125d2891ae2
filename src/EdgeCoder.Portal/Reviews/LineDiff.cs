namespace EdgeCoder.Portal.Reviews;

/// <summary>A line of a comparison.</summary>
/// <param name="Before">As it was; null when it is new.</param>
/// <param name="After">As it is; null when it is gone.</param>
public sealed record DiffLine(string? Before, string? After)
{
    /// <summary>Whether both sides have it.</summary>
    public bool Same => Before is not null && After is not null;
}

/// <summary>Compares texts line by line by their longest common subsequence (portal-and-control-plane 18). Pure.</summary>
internal static class LineDiff
{
    private const long MostCells = 4_000_000;

    /// <summary>All lines of both; null when the texts are too long to compare.</summary>
    public static IReadOnlyList<DiffLine>? Of(string before, string after)
    {
        var (a, b) = (Lines(before), Lines(after));
        if ((long)(a.Length + 1) * (b.Length + 1) > MostCells)
        {
            return null;
        }

        // Length of the longest common subsequence of what follows each pair of places.
        var longest = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
            {
                longest[i, j] = a[i] == b[j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        var lines = new List<DiffLine>(a.Length + b.Length);
        for (var (i, j) = (0, 0); i < a.Length || j < b.Length;)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
            {
                lines.Add(new(a[i++], b[j++]));
            }
            else if (j == b.Length || (i < a.Length && longest[i + 1, j] >= longest[i, j + 1]))
            {
                lines.Add(new(a[i++], null));
            }
            else
            {
                lines.Add(new(null, b[j++]));
            }
        }

        return lines;
    }

    /// <summary>Rows for two columns: lines that went stand beside the lines that came in their place.</summary>
    public static IReadOnlyList<DiffLine> Beside(IReadOnlyList<DiffLine> lines)
    {
        var rows = new List<DiffLine>();
        for (var at = 0; at < lines.Count;)
        {
            if (lines[at].Same)
            {
                rows.Add(lines[at++]);
                continue;
            }

            var changed = lines.Skip(at).TakeWhile(line => !line.Same).ToList();
            List<string> gone = [.. changed.Where(line => line.Before is not null).Select(line => line.Before!)], came = [.. changed.Where(line => line.After is not null).Select(line => line.After!)];
            for (var row = 0; row < Math.Max(gone.Count, came.Count); row++)
            {
                rows.Add(new(row < gone.Count ? gone[row] : null, row < came.Count ? came[row] : null));
            }

            at += changed.Count;
        }

        return rows;
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}

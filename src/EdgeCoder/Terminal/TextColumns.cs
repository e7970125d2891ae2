using Spectre.Console.Rendering;

namespace EdgeCoder.Terminal;

/// <summary>Text measured in columns of a terminal: East Asian characters take two.</summary>
internal static class TextColumns
{
    /// <summary>Columns of a text without line ends.</summary>
    public static int Of(string text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? new Segment(text).CellCount() : text.Length;

    /// <summary>The text, or as much of it as fits with an ellipsis.</summary>
    public static string Cut(string text, int width)
    {
        if (width <= 0)
        {
            return "";
        }

        return Of(text) <= width ? text : text[..Fitting(text, width - 1, least: 0)] + "…";
    }

    /// <summary>The lines of a text for a width: broken at spaces, else where they must be. Spaces at a break go.</summary>
    public static IEnumerable<string> Wrap(string line, int width)
    {
        width = Math.Max(width, 8);
        while (Of(line) > width)
        {
            var fits = Fitting(line, width, least: 1);
            var space = fits < line.Length && line[fits] == ' ' ? fits : line.LastIndexOf(' ', fits - 1, fits);
            // A space within the indent is no place to break at.
            var end = space > 0 && line.AsSpan(0, space).ContainsAnyExcept(' ') ? space : fits;
            yield return line[..end];
            line = line[end..].TrimStart(' ');
        }

        yield return line;
    }

    /// <summary>The same, the later lines indented as far as <paramref name="indent"/> says.</summary>
    public static IEnumerable<string> WrapHanging(string line, int width, int indent) =>
        Of(line) <= width ? [line] : [.. Wrap(line, width).Take(1), .. Wrap(Rest(line, width), Math.Max(8, width - indent)).Select(rest => new string(' ', indent) + rest)];

    private static string Rest(string line, int width) => line[Wrap(line, width).First().Length..].TrimStart(' ');

    // Characters of the longest beginning that is not wider; at least so many, and never half of a pair.
    private static int Fitting(string text, int width, int least)
    {
        var (end, columns) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            columns += Of(rune.ToString());
            if (columns > width && end >= least)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return end;
    }
}

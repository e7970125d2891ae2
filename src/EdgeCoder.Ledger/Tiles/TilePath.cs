using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeCoder.Ledger.Tiles;

/// <summary>Paths of tiles below the log's prefix (C2SP tlog-tiles): 256 hashes or leaves a full tile, fewer a partial one with its width behind <c>.p/</c>.</summary>
public static partial class TilePath
{
    /// <summary>Hashes of a full tile, and leaves of a full bundle.</summary>
    public const int Width = 256;

    /// <summary>Levels of the tree that a tile stands for.</summary>
    public const int Height = 8;

    /// <summary>A tile of hashes: of level <paramref name="level"/>, at place <paramref name="index"/>, with <paramref name="width"/> hashes.</summary>
    public static string Hashes(int level, long index, int width = Width) => $"tile/{level.ToString(CultureInfo.InvariantCulture)}/{Index(index)}{Partial(width)}";

    /// <summary>A bundle of leaves.</summary>
    public static string Entries(long index, int width = Width) => $"tile/entries/{Index(index)}{Partial(width)}";

    /// <summary>
    /// Reads a path below the prefix, as <c>tile/0/x001/234.p/17</c>. The level is -1 for a bundle of leaves. False for any other spelling of the same place.
    /// </summary>
    public static bool TryParse(string path, out int level, out long index, out int width)
    {
        (level, index, width) = (0, 0, 0);
        if (Form().Match(path) is not { Success: true } match || !long.TryParse(match.Groups["index"].Value.Replace("x", "").Replace("/", ""), NumberStyles.None, CultureInfo.InvariantCulture, out index))
        {
            return false;
        }

        level = match.Groups["level"].Value is "entries" ? -1 : int.Parse(match.Groups["level"].Value, CultureInfo.InvariantCulture);
        width = match.Groups["width"] is { Success: true, Value: var partial } ? int.Parse(partial, CultureInfo.InvariantCulture) : Width;
        return width is > 0 and <= Width && path == (level < 0 ? Entries(index, width) : Hashes(level, index, width));
    }

    [GeneratedRegex(@"\Atile/(?<level>entries|[0-9]{1,2})/(?<index>(x[0-9]{3}/){0,5}[0-9]{3})(\.p/(?<width>[0-9]{1,3}))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    // Groups of three digits, an x in front of all but the last: 1234067 is x001/x234/067.
    private static string Index(long index)
    {
        var digits = index.ToString(CultureInfo.InvariantCulture);
        digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
        var path = new StringBuilder();
        for (var at = 0; at < digits.Length; at += 3)
        {
            path.Append(at + 3 < digits.Length ? "x" : "").Append(digits, at, 3).Append(at + 3 < digits.Length ? "/" : "");
        }

        return path.ToString();
    }

    private static string Partial(int width) => width == Width ? "" : $".p/{width.ToString(CultureInfo.InvariantCulture)}";
}

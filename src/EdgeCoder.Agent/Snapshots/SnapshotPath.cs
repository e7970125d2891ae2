using System.Text;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Snapshots;

/// <summary>Which paths an archive or a patch may name (coordinator-and-mesh 5.2): pure.</summary>
internal static class SnapshotPath
{
    private const int MostSegments = 128;

    /// <summary>Why a path is refused; null when it stays within the tree on every system.</summary>
    public static string? WhyNot(string path, int mostBytes)
    {
        if (path.Length == 0)
        {
            return "it is empty";
        }

        if (path.Length > mostBytes || Encoding.UTF8.GetByteCount(path) > mostBytes)
        {
            return $"it is longer than {mostBytes} bytes";
        }

        if (path[0] == '/')
        {
            return "it is absolute";
        }

        var segments = path.Split('/');
        return segments.Length > MostSegments ? "it is too deep" : segments.Select(WhySegment).FirstOrDefault(why => why is not null);
    }

    /// <summary>
    /// The form under which two names that differ in case are equal. Composed and decomposed spellings stay two: this program carries no table of them.
    /// </summary>
    public static string Fold(string path) => path.ToUpperInvariant();

    private static string? WhySegment(string segment) => segment switch
    {
        "" => "it has an empty segment",
        "." or ".." => "it has a segment '.' or '..'",
        _ when ProtectedNames.IsGit(segment) => "it names git's own directory",
        _ when segment.Contains('\\') => "it has a backslash, which separates segments on some systems",
        _ when segment.Any(letter => letter < ' ' || letter == '\u007f') => "it has a control character",
        _ when segment.Any(char.IsSurrogate) && !IsWellFormed(segment) => "it is not well-formed text",
        [_, ':', ..] when char.IsAsciiLetter(segment[0]) => "it begins like a drive",
        _ when OperatingSystem.IsWindows() => ProjectPathText.WhyNotPortable(segment),
        _ => null,
    };

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}

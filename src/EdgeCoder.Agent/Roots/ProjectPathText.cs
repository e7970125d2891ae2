using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Roots;

/// <summary>Reads the paths that a model writes (agent-executor-models 2.1). Pure: what lies behind a path is looked at when it is opened, in one operation with its use.</summary>
internal static class ProjectPathText
{
    private const int LongestPath = 4_096;

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase) { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };

    /// <summary>The path, or a <see cref="ToolException"/> with the reason why it is refused.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="roots">Absolute names of the root, the real one and the one it was opened by: an absolute path within one of them is accepted.</param>
    /// <param name="comparison">How segments compare on the root's file system.</param>
    public static ProjectPath Parse(string text, IReadOnlyList<string> roots, StringComparison comparison)
    {
        var windows = OperatingSystem.IsWindows();
        if (text.Length > LongestPath || text.Contains('\0'))
        {
            throw Refuse(text.Replace("\0", "\\0", StringComparison.Ordinal), text.Contains('\0') ? "it contains a NUL" : "it is too long");
        }

        if (text.StartsWith(@"\\", StringComparison.Ordinal) || text.StartsWith("//", StringComparison.Ordinal))
        {
            throw Refuse(text, "network and device paths lie outside the project");
        }

        var inside = windows ? text.Replace('\\', '/') : text;
        inside = inside.StartsWith('/') ? "/" + string.Join('/', Normalize(text, inside)) : inside;
        if (Within(inside, roots, comparison) is { } relative)
        {
            inside = relative;
        }
        else if (inside.StartsWith('/') || IsDrive(inside))
        {
            throw Refuse(text, "it is an absolute path outside the project; use a path relative to the project's root");
        }
        else if (inside == "~" || inside.StartsWith("~/", StringComparison.Ordinal))
        {
            throw Refuse(text, "home directories lie outside the project; use a path relative to the project's root");
        }

        return new(string.Join('/', Normalize(text, inside)));
    }

    /// <summary>
    /// Why a segment is not portable, so that nothing new may be called so: it means a device, a stream or another path on some system. Null when it is fine.
    /// </summary>
    public static string? WhyNotPortable(string segment)
    {
        var stem = segment.Split('.')[0].TrimEnd(' ');
        return segment.Contains(':') ? "a name with ':' means an alternate stream on some systems"
            : segment.Contains('\\') ? "segments of a path are separated by '/'"
            : Devices.Contains(stem) || IsNumberedDevice(stem) ? "the name is reserved for a device on some systems"
            : segment[^1] is '.' or ' ' ? "a name that ends in a dot or a space means another file on some systems"
            : segment.AsSpan().IndexOfAnyInRange('\u0001', '\u001f') >= 0 ? "a name may not contain control characters"
            : null;
    }

    /// <summary>The part of an absolute path below one of the roots, by segments and never by string prefix; null when it is below none.</summary>
    public static string? Within(string path, IReadOnlyList<string> roots, StringComparison comparison)
    {
        foreach (var root in roots)
        {
            var prefix = root.Replace('\\', '/').TrimEnd('/');
            if (path.StartsWith(prefix, comparison) && (path.Length == prefix.Length || path[prefix.Length] == '/'))
            {
                return path[prefix.Length..].TrimStart('/');
            }
        }

        return null;
    }

    private static List<string> Normalize(string text, string inside)
    {
        var segments = new List<string>();
        foreach (var segment in inside.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                if (segments.Count == 0)
                {
                    throw Refuse(text, "it leaves the project's root");
                }

                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment != ".")
            {
                segments.Add(segment);
            }
        }

        return segments;
    }

    private static bool IsDrive(string text) => text is [var letter, ':', ..] && char.IsAsciiLetter(letter);

    private static bool IsNumberedDevice(string stem) =>
        stem.Length == 4 && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
        && (char.IsAsciiDigit(stem[3]) || stem[3] is '\u00b9' or '\u00b2' or '\u00b3');

    private static ToolException Refuse(string text, string why) => new($"The path {text} is refused: {why}.");
}

using System.Text;

namespace EdgeCoder.Agent.Ignores;

/// <summary>A glob over paths: one without <c>/</c> is about names at any depth, one with <c>/</c> about the whole path from the root. Braces stand for alternatives.</summary>
internal sealed class PathGlob
{
    private const int MostAlternatives = 64;

    private readonly (byte[] Pattern, bool NameOnly)[] _patterns;
    private readonly bool _ignoreCase;

    /// <summary>Reads a glob, for instance <c>*.cs</c>, <c>src/**/*.{ts,tsx}</c>.</summary>
    public PathGlob(string glob, bool ignoreCase = false)
    {
        _ignoreCase = ignoreCase;
        _patterns = [.. Alternatives(glob.Trim().TrimStart('/')).Take(MostAlternatives).Select(Read)];
    }

    /// <summary>Whether a glob matches a path of a project; letter case counts except on Windows and macOS.</summary>
    public static bool Matches(string glob, string path) => new PathGlob(glob, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()).IsMatch(path);

    /// <summary>Whether it matches a path relative to the root.</summary>
    public bool IsMatch(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        var name = bytes.AsSpan(bytes.AsSpan().LastIndexOf((byte)'/') + 1);
        foreach (var (pattern, nameOnly) in _patterns)
        {
            if (Wildmatch.IsMatch(pattern, nameOnly ? name : bytes, path: true, _ignoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static (byte[] Pattern, bool NameOnly) Read(string glob)
    {
        glob = glob.StartsWith("./", StringComparison.Ordinal) ? glob[2..] : glob;
        return (Encoding.UTF8.GetBytes(glob.EndsWith('/') ? glob + "**" : glob), !glob.Contains('/'));
    }

    private static IEnumerable<string> Alternatives(string glob)
    {
        var open = glob.IndexOf('{');
        var close = open < 0 ? -1 : glob.IndexOf('}', open);
        if (close < 0)
        {
            return [glob];
        }

        return glob[(open + 1)..close].Split(',').SelectMany(part => Alternatives(glob[..open] + part + glob[(close + 1)..]));
    }
}

using System.Text;

namespace EdgeCoder.Agent.Ignores;

/// <summary>A line of a <c>.gitignore</c>, read as git reads it.</summary>
internal sealed class IgnorePattern
{
    private readonly byte[] _pattern;
    private readonly bool _nameOnly;
    private readonly bool _directoryOnly;
    private readonly int _prefix;

    private IgnorePattern(string text, bool negated)
    {
        Negated = negated;
        _directoryOnly = text.EndsWith('/');
        text = _directoryOnly ? text[..^1] : text;
        _nameOnly = !text.Contains('/');
        text = text.StartsWith('/') ? text[1..] : text;
        _pattern = Encoding.UTF8.GetBytes(text);
        _prefix = _pattern.AsSpan().IndexOfAny("*?[\\"u8) is var special and >= 0 ? special : _pattern.Length;
    }

    /// <summary>Whether it takes a path back in.</summary>
    public bool Negated { get; }

    /// <summary>The pattern of a line; null for an empty line and a comment.</summary>
    public static IgnorePattern? Read(string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return null;
        }

        var text = TrimSpaces(line.EndsWith('\r') ? line[..^1] : line);
        var negated = text.StartsWith('!');
        text = negated ? text[1..] : text;
        return text.Length == 0 ? null : new(text, negated);
    }

    /// <summary>Whether it speaks about a path.</summary>
    /// <param name="path">Relative to where the pattern was written, UTF-8.</param>
    /// <param name="name">Its last segment.</param>
    /// <param name="isDirectory">Whether it is a directory; a link is none.</param>
    /// <param name="ignoreCase">Whether the file system ignores case.</param>
    public bool Matches(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isDirectory, bool ignoreCase)
    {
        if (_directoryOnly && !isDirectory)
        {
            return false;
        }

        if (_nameOnly)
        {
            return Wildmatch.IsMatch(_pattern, name, path: false, ignoreCase);
        }

        // git compares what comes before the first wildcard by itself: 'a**/b' has a '**' of its own behind the 'a'.
        return path.Length >= _prefix && Same(_pattern.AsSpan(0, _prefix), path[.._prefix], ignoreCase)
            && Wildmatch.IsMatch(_pattern.AsSpan(_prefix), path[_prefix..], path: true, ignoreCase);
    }

    private static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, bool ignoreCase)
    {
        if (!ignoreCase)
        {
            return one.SequenceEqual(other);
        }

        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && !(char.IsAsciiLetter((char)one[i]) && (one[i] ^ other[i]) == 0x20))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Trailing spaces do not count unless a backslash is before them.</summary>
    private static string TrimSpaces(string line)
    {
        var end = -1;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == ' ')
            {
                end = end < 0 ? i : end;
            }
            else
            {
                end = -1;
                i += line[i] == '\\' ? 1 : 0;
            }
        }

        return end < 0 ? line : line[..end];
    }
}

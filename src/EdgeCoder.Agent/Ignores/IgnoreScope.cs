using System.Text;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Ignores;

/// <summary>The ignore rules as they hold in one directory: its own <c>.gitignore</c>, then those above it, then the repository's exclude file, then generated directories.</summary>
internal sealed class IgnoreScope
{
    private const int LargestFile = 1 << 20;

    private readonly IgnoreScope? _outer;
    private readonly IgnorePattern[] _patterns;
    private readonly int _baseLength;
    private readonly bool _ignoreCase;

    private IgnoreScope(IgnoreScope? outer, IgnorePattern[] patterns, int baseLength, bool ignoreCase)
    {
        _outer = outer;
        _patterns = patterns;
        _baseLength = baseLength;
        _ignoreCase = ignoreCase;
    }

    /// <summary>Rules that hold everywhere: the exclude file's.</summary>
    public static IgnoreScope Outermost(string excludes, bool ignoreCase) => new(null, Read(excludes), 0, ignoreCase);

    /// <summary>The rules within a directory of this scope.</summary>
    /// <param name="directory">The open directory.</param>
    /// <param name="path">Its path.</param>
    public IgnoreScope Enter(IRootDirectory directory, ProjectPath path)
    {
        using var file = directory.OpenFile(".gitignore", out var state);
        if (file is null || state.Size is not (> 0 and <= LargestFile))
        {
            return this;
        }

        var bytes = new byte[state.Size];
        var length = OpenedFile.Fill(file, bytes);
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return Read(text.TrimStart('\ufeff')) is { Length: > 0 } patterns ? new(this, patterns, path.IsRoot ? 0 : Encoding.UTF8.GetByteCount(path.Value) + 1, _ignoreCase) : this;
    }

    /// <summary>What the rules say of an entry: true ignored, false taken back in, null nothing. The directories above it are the caller's matter.</summary>
    /// <param name="path">Path from the root, UTF-8.</param>
    /// <param name="isDirectory">Whether it is a directory; a link is none.</param>
    public bool? Decide(ReadOnlySpan<byte> path, bool isDirectory)
    {
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            var relative = path[Math.Min(scope._baseLength, path.Length)..];
            for (var i = scope._patterns.Length - 1; i >= 0; i--)
            {
                if (scope._patterns[i].Matches(relative, name, isDirectory, _ignoreCase))
                {
                    return !scope._patterns[i].Negated;
                }
            }
        }

        return null;
    }

    private static IgnorePattern[] Read(string text) => [.. text.Split('\n').Select(IgnorePattern.Read).OfType<IgnorePattern>()];
}

using System.Text;
using System.Text.RegularExpressions;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Search;

/// <summary>A pattern, ready to search with: in time linear in the text, whatever the pattern (agent-executor-models 2.3).</summary>
internal sealed class SearchPattern
{
    private const int LongestPattern = 2_000;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);

    private SearchPattern(Regex regex, byte[][]? literals, bool literalOnly, bool lineByLine)
    {
        Regex = regex;
        Literals = literals;
        IsLiteral = literalOnly;
        LineByLine = lineByLine;
    }

    /// <summary>The engine; it does not backtrack.</summary>
    public Regex Regex { get; }

    /// <summary>Bytes of which each matching line holds one; null when that is not known.</summary>
    public byte[][]? Literals { get; }

    /// <summary>Whether holding them is all that is asked.</summary>
    public bool IsLiteral { get; }

    /// <summary>Whether the pattern speaks of the beginning or end of a text, which here is a line.</summary>
    public bool LineByLine { get; }

    /// <summary>Reads a pattern; a <see cref="ToolException"/> says what is wrong with it.</summary>
    public static SearchPattern Parse(string pattern, bool ignoreCase)
    {
        if (pattern.Length is 0 or > LongestPattern || pattern.Contains('\n'))
        {
            throw new ToolException(pattern.Contains('\n') ? "The pattern holds a line end; matches are within one line. Search for one of its lines." : $"The pattern must have 1 to {LongestPattern} characters.");
        }

        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Multiline | (ignoreCase ? RegexOptions.IgnoreCase : 0);
        try
        {
            var regex = new Regex(pattern, options, LongestMatch);
            var literals = ignoreCase ? null : RequiredLiterals.Of(pattern);
            var edges = pattern.Contains(@"\A", StringComparison.Ordinal) || pattern.Contains(@"\z", StringComparison.OrdinalIgnoreCase) || pattern.Contains(@"\G", StringComparison.Ordinal);
            return new(regex, literals?.Select(Encoding.UTF8.GetBytes).ToArray(), !ignoreCase && RequiredLiterals.IsLiteral(pattern), edges);
        }
        catch (NotSupportedException)
        {
            throw new ToolException("The pattern uses a backreference, a look-around or an atomic group, or is too large: the engine has none of these, so that every search ends. Search for something simpler and read the matches.");
        }
        catch (ArgumentException fault)
        {
            throw new ToolException($"The pattern is not a regular expression: {fault.Message} To search for text as it is, put a backslash before \\ . * + ? ( ) [ ] {{ }} ^ $ |");
        }
    }
}

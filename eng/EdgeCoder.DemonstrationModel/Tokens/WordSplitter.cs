using System.Text.RegularExpressions;

namespace EdgeCoder.Training.Tokens;

/// <summary>Splits text into the words inside which tokens may merge. Source: the expression published with GPT-2, which GGUF calls <c>gpt-2</c>.</summary>
internal static partial class WordSplitter
{
    /// <summary>The words, which together are the text.</summary>
    public static IEnumerable<string> Split(string text) => Words().Matches(text).Select(match => match.Value);

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}

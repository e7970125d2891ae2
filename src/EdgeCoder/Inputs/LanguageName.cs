using EdgeCoder.Commands;
using EdgeCoder.Executor;

namespace EdgeCoder.Inputs;

/// <summary>Which language a snippet is in: as told, else by the tests file, else by the words of the request.</summary>
internal static class LanguageName
{
    /// <summary>Accepted names.</summary>
    public const string Accepted = "python (py), javascript (js)";

    /// <summary>Decides. Throws <see cref="UsageException"/> for a name that is not accepted.</summary>
    public static SnippetLanguage Decide(string? named, string? testsFile, string request)
    {
        if (named is not null)
        {
            return named.Trim().ToLowerInvariant() switch
            {
                "python" or "py" or "python3" => SnippetLanguage.Python,
                "javascript" or "js" or "node" => SnippetLanguage.JavaScript,
                _ => throw new UsageException("unknown_language", $"The language '{named}' is not known.", $"Accepted: {Accepted}."),
            };
        }

        return Path.GetExtension(testsFile)?.ToLowerInvariant() switch
        {
            ".js" or ".mjs" or ".cjs" => SnippetLanguage.JavaScript,
            ".py" => SnippetLanguage.Python,
            _ => SaysJavaScript(request) ? SnippetLanguage.JavaScript : SnippetLanguage.Python,
        };
    }

    private static bool SaysJavaScript(string request) =>
        request.Contains("javascript", StringComparison.OrdinalIgnoreCase) || request.Contains("node.js", StringComparison.OrdinalIgnoreCase);
}

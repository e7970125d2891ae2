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

        return OfExtension(testsFile) ?? (SaysJavaScript(request) ? SnippetLanguage.JavaScript : SnippetLanguage.Python);
    }

    /// <summary>The language that a file's extension tells; null when it tells none.</summary>
    public static SnippetLanguage? OfExtension(string? path) => Path.GetExtension(path)?.ToLowerInvariant() switch
    {
        ".js" or ".mjs" or ".cjs" => SnippetLanguage.JavaScript,
        ".py" => SnippetLanguage.Python,
        _ => null,
    };

    private static bool SaysJavaScript(string request) =>
        request.Contains("javascript", StringComparison.OrdinalIgnoreCase) || request.Contains("node.js", StringComparison.OrdinalIgnoreCase);
}

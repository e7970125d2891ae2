using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>
/// A test command in the words of <c>AGENTS.md</c>: pure. Taken is the first simple command that starts a known runner of tests and stands where tests are spoken of:
/// in back-ticks on a line with the word, or in a block below a heading with it.
/// </summary>
internal static partial class RulesCommand
{
    private static readonly string[] Programs =
        ["pytest", "python", "python3", "node", "npm", "pnpm", "yarn", "bun", "deno", "dotnet", "go", "cargo", "make", "mvn", "gradle", "tox", "nox", "uv", "poetry", "composer", "phpunit", "bundle", "rake", "just", "task", "ctest"];

    /// <summary>The words and the line, from 1; null when there is none.</summary>
    public static (IReadOnlyList<string> Arguments, int Line)? Read(string text)
    {
        var (aboutTests, fenced) = (false, false);
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal))
            {
                fenced = !fenced;
            }
            else if (fenced)
            {
                if (aboutTests && Command(line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line) is { } block)
                {
                    return (block, i + 1);
                }
            }
            else if (line.StartsWith('#'))
            {
                aboutTests = SpeaksOfTests(line);
            }
            else if (SpeaksOfTests(line) || aboutTests)
            {
                foreach (var quoted in BackTicks().Matches(line).Select(match => match.Groups[1].Value))
                {
                    if (Command(quoted) is { } inline)
                    {
                        return (inline, i + 1);
                    }
                }
            }
        }

        return null;
    }

    private static IReadOnlyList<string>? Command(string text)
    {
        if (CommandLine.Split(text) is not { } words)
        {
            return null;
        }

        var program = words[0][(words[0].LastIndexOf('/') + 1)..];
        var known = Programs.Contains(program, StringComparer.Ordinal) || (words[0].StartsWith("./", StringComparison.Ordinal) && program is "gradlew" or "mvnw" or "test" or "test.sh");
        return known && (program is "pytest" or "tox" or "nox" or "phpunit" or "ctest" || words.Any(word => word.Contains("test", StringComparison.OrdinalIgnoreCase))) ? words : null;
    }

    private static bool SpeaksOfTests(string line) => Tests().IsMatch(line);

    [GeneratedRegex("`([^`]+)`", RegexOptions.NonBacktracking)]
    private static partial Regex BackTicks();

    [GeneratedRegex(@"\btest(s|ing|ed)?\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Tests();
}

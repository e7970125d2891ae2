using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>Counts that runners print at their end, where nothing better is told: pure.</summary>
internal static partial class SummaryLine
{
    /// <summary>Passed, failed and skipped; null when no known line is there.</summary>
    public static (int Passed, int Failed, int Skipped)? Find(string text)
    {
        // jest and vitest: "Tests:  1 failed, 1 skipped, 3 passed, 5 total", "Tests  1 failed | 3 passed (4)"; rspec: "5 examples, 1 failure"; mocha: "3 passing".
        if (Tests().Matches(text) is [.., var tests])
        {
            return (Number(tests.Value, "passed"), Number(tests.Value, "failed"), Number(tests.Value, "skipped") + Number(tests.Value, "todo"));
        }

        if (Examples().Match(text) is { Success: true } examples)
        {
            var (all, bad, pending) = (Value(examples, 1), Value(examples, 2), Value(examples, 3));
            return (Math.Max(0, all - bad - pending), bad, pending);
        }

        return Passing().Match(text) is { Success: true } passing ? (Value(passing, 1), Value(Failing().Match(text), 1), Value(Pending().Match(text), 1)) : null;
    }

    private static int Number(string line, string word) => Value(Regex.Match(line, @"(\d{1,9}) " + word, RegexOptions.NonBacktracking), 1);

    private static int Value(Match match, int group) => int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^\s*Tests:?\s+\d+ (?:failed|passed|skipped|todo)[^\n]*$", RegexOptions.Multiline, 2000)]
    private static partial Regex Tests();

    [GeneratedRegex(@"^(\d{1,9}) examples?, (\d{1,9}) failures?(?:, (\d{1,9}) pending)?", RegexOptions.Multiline, 2000)]
    private static partial Regex Examples();

    [GeneratedRegex(@"^\s*(\d{1,9}) passing\b", RegexOptions.Multiline, 2000)]
    private static partial Regex Passing();

    [GeneratedRegex(@"^\s*(\d{1,9}) failing\b", RegexOptions.Multiline, 2000)]
    private static partial Regex Failing();

    [GeneratedRegex(@"^\s*(\d{1,9}) pending\b", RegexOptions.Multiline, 2000)]
    private static partial Regex Pending();
}

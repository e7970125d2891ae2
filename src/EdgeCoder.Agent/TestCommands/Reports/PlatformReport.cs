using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>The words of Microsoft's testing platform (<c>dotnet test --output Detailed</c>): pure. Complete is what ends with its summary and counts as many.</summary>
internal static partial class PlatformReport
{
    /// <summary>Adds the cases.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        foreach (Match match in Results().Matches(text))
        {
            var status = match.Groups["status"].Value switch { "passed" => TestStatus.Passed, "skipped" => TestStatus.Skipped, _ => TestStatus.Failed };
            report.Add(match.Groups["name"].Value, status, 0, Unindented().Replace(match.Groups["text"].Value, ""));
        }

        return Summary().Match(text) is { Success: true } summary && int.Parse(summary.Groups[1].ValueSpan, CultureInfo.InvariantCulture) == report.Total;
    }

    // What a case says is indented, but for lines that a message has of its own; it goes on to the next case or to what the platform says itself.
    [GeneratedRegex(
        @"^(?<status>passed|failed|skipped) (?<name>[^\n]+?)(?: \([\d.,]+ ?(?:ms|s|m)[^\n)]*\))?\r?\n(?<text>(?:(?!(?:passed|failed|skipped) |Exit code: |Test run summary|[^\n]+ (?:failed|passed|succeeded) with )[^\n]*\n)*)",
        RegexOptions.Multiline,
        2000)]
    private static partial Regex Results();

    [GeneratedRegex(@"^Test run summary:[^\n]*\n(?:[^\n]*\n){0,3}?\s*total: (\d+)", RegexOptions.Multiline, 2000)]
    private static partial Regex Summary();

    [GeneratedRegex("^  ", RegexOptions.Multiline, 2000)]
    private static partial Regex Unindented();
}

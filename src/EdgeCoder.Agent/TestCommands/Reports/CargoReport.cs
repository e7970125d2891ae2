using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>The words of <c>cargo test</c>: pure. Complete is what has a line of the result for each list that began.</summary>
internal static partial class CargoReport
{
    /// <summary>Adds the cases.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        var messages = Failures().Matches(text).GroupBy(match => match.Groups["name"].Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Groups["text"].Value, StringComparer.Ordinal);
        foreach (Match match in Results().Matches(text))
        {
            var name = match.Groups["name"].Value;
            var status = match.Groups["status"].Value switch { "ok" => TestStatus.Passed, "FAILED" => TestStatus.Failed, _ => TestStatus.Skipped };
            report.Add(name, status, 0, messages.GetValueOrDefault(name));
        }

        var begun = Begun().Count(text);
        return begun > 0 && Ended().Count(text) == begun;
    }

    [GeneratedRegex(@"^test (?<name>[^\n]+?)(?: - should panic)? \.\.\. (?<status>ok|FAILED|ignored)[^\n]*$", RegexOptions.Multiline, 2000)]
    private static partial Regex Results();

    [GeneratedRegex(@"^---- (?<name>[^\n]+) stdout ----\n(?<text>(?:(?!---- |failures:\n)[^\n]*\n)*)", RegexOptions.Multiline, 2000)]
    private static partial Regex Failures();

    [GeneratedRegex(@"^running \d+ tests?$", RegexOptions.Multiline, 2000)]
    private static partial Regex Begun();

    [GeneratedRegex(@"^test result: (?:ok|FAILED)\. ", RegexOptions.Multiline, 2000)]
    private static partial Regex Ended();
}

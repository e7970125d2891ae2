using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>The words of <c>python -m unittest -v</c>: pure. Complete is what ends with the line of the count, and counts as many.</summary>
internal static partial class UnittestReport
{
    /// <summary>Adds the cases.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        var messages = Failures().Matches(text).GroupBy(match => Plain(match.Groups["name"].Value), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => string.Join('\n', group.Select(match => match.Groups["text"].Value)), StringComparer.Ordinal);
        foreach (Match match in Results().Matches(text))
        {
            var name = Plain(match.Groups["name"].Value);
            var status = match.Groups["status"].Value switch
            {
                "ok" or "expected failure" => TestStatus.Passed,
                "FAIL" or "unexpected success" => TestStatus.Failed,
                "ERROR" => TestStatus.Errored,
                _ => TestStatus.Skipped,
            };
            report.Add(name, status, 0, messages.GetValueOrDefault(name));
        }

        // What fails outside a test, as in setUpClass or a subtest, has words and no line of its own.
        foreach (var (name, message) in messages)
        {
            report.Add(name, TestStatus.Errored == StatusOf(text, name) ? TestStatus.Errored : TestStatus.Failed, 0, message);
        }

        return Count().Match(text) is { Success: true } count && int.TryParse(count.Groups[1].ValueSpan, out var ran) && report.Total >= ran;
    }

    private static TestStatus StatusOf(string text, string name) => text.Contains($"ERROR: {name.Split(' ')[0]}", StringComparison.Ordinal) ? TestStatus.Errored : TestStatus.Failed;

    // "test_a (tests.test_x.Case.test_a)" since 3.11, "test_a (tests.test_x.Case)" before.
    private static string Plain(string name)
    {
        var open = name.IndexOf(" (", StringComparison.Ordinal);
        if (open < 0)
        {
            return name.Trim();
        }

        var (method, place) = (name[..open].Trim(), name[(open + 2)..].TrimEnd().TrimEnd(')'));
        return place.EndsWith("." + method, StringComparison.Ordinal) ? place : $"{place}.{method}";
    }

    // A doc string of the test stands on a second line between name and status.
    [GeneratedRegex(@"^(?<name>\w+ \([\w.<>]+\))(?:\n[^\n]*?)?(?: \.\.\. )(?:[^\n]*\n)??[^\n]*?(?<status>ok|FAIL|ERROR|expected failure|unexpected success|skipped [^\n]*)$", RegexOptions.Multiline, 2000)]
    private static partial Regex Results();

    [GeneratedRegex(@"^={70}\n(?:FAIL|ERROR): (?<name>[^\n]+)\n(?:(?!-{70}\n)[^\n]*\n)?-{70}\n(?<text>(?:(?!={70}\n|-{70}\n)[^\n]*\n)*)", RegexOptions.Multiline, 2000)]
    private static partial Regex Failures();

    [GeneratedRegex(@"^Ran (\d+) tests? in ", RegexOptions.Multiline, 2000)]
    private static partial Regex Count();
}

using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>
/// The words of <c>python -m unittest -v</c>: pure. A test prints its own words between its name and its status, so both are looked for line by line. Complete is what
/// ends with the line of the count, and counts as many.
/// </summary>
internal static partial class UnittestReport
{
    private const string Waiting = " ... ";

    /// <summary>Adds the cases.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        var (failed, open) = (Failed(text), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, status) in Statuses(text, open))
        {
            report.Add(name, status, 0, failed.TryGetValue(name, out var failure) ? failure.Message : null);
        }

        // What fails outside a test, as in setUpClass, or in a part of one has words and no line of its own.
        foreach (var (name, (status, message)) in failed)
        {
            report.Add(name, status, 0, message);
        }

        // A status that was lost in what a test printed: the last line says whether all was well.
        var good = AllWell().IsMatch(text);
        foreach (var name in open.Where(name => !failed.ContainsKey(name)))
        {
            report.Add(name, good ? TestStatus.Passed : TestStatus.Errored, 0, good ? null : "Its status is not told.");
        }

        return Count().Match(text) is { Success: true } count && int.TryParse(count.Groups[1].ValueSpan, out var ran) && report.Total >= ran;
    }

    private static IEnumerable<(string Name, TestStatus Status)> Statuses(string text, HashSet<string> open)
    {
        string? name = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("======", StringComparison.Ordinal) || line.StartsWith("------", StringComparison.Ordinal))
            {
                yield break;
            }

            var begun = Test().Match(line);
            if (begun.Success)
            {
                name = Plain(begun.Value);
                open.Add(name);
            }

            if (name is not null && Status(line[(line.LastIndexOf(Waiting, StringComparison.Ordinal) is >= 0 and var at ? at + Waiting.Length : begun.Length)..]) is { } status)
            {
                open.Remove(name);
                yield return (name, status);
                name = null;
            }
        }
    }

    private static TestStatus? Status(string words) => words.Trim() switch
    {
        "ok" or "expected failure" => TestStatus.Passed,
        "FAIL" or "unexpected success" => TestStatus.Failed,
        "ERROR" => TestStatus.Errored,
        var other => other.StartsWith("skipped ", StringComparison.Ordinal) ? TestStatus.Skipped : null,
    };

    private static Dictionary<string, (TestStatus Status, string Message)> Failed(string text)
    {
        var failed = new Dictionary<string, (TestStatus Status, string Message)>(StringComparer.Ordinal);
        foreach (Match match in Failures().Matches(text))
        {
            var (name, status) = (Plain(match.Groups["name"].Value), match.Groups["kind"].Value == "ERROR" ? TestStatus.Errored : TestStatus.Failed);
            failed[name] = failed.TryGetValue(name, out var known) ? (known.Status, known.Message + "\n" + match.Groups["text"].Value) : (status, match.Groups["text"].Value);
        }

        return failed;
    }

    // "test_a (tests.test_x.Case.test_a)" since 3.11, "test_a (tests.test_x.Case)" before; parts of a test have their values behind it.
    private static string Plain(string name)
    {
        var open = name.IndexOf(" (", StringComparison.Ordinal);
        var close = name.IndexOf(')', StringComparison.Ordinal);
        if (open < 0 || close < open)
        {
            return name.Trim();
        }

        var (method, place) = (name[..open].Trim(), name[(open + 2)..close]);
        return place == method || place.EndsWith("." + method, StringComparison.Ordinal) ? place : $"{place}.{method}";
    }

    [GeneratedRegex(@"^\w+ \([\w.<>]+\)", RegexOptions.NonBacktracking)]
    private static partial Regex Test();

    [GeneratedRegex(@"^={70}\n(?<kind>FAIL|ERROR): (?<name>[^\n]+)\n(?:(?!-{70}\n)[^\n]*\n)?-{70}\n(?<text>(?:(?!={70}\n|-{70}\n)[^\n]*\n)*)", RegexOptions.Multiline, 2000)]
    private static partial Regex Failures();

    [GeneratedRegex(@"^Ran (\d+) tests? in ", RegexOptions.Multiline, 2000)]
    private static partial Regex Count();

    [GeneratedRegex(@"^OK\b[^\n]*\s*\z", RegexOptions.Multiline, 2000)]
    private static partial Regex AllWell();
}

using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>The Test Anything Protocol, at its first level: pure. Complete is a plan that is kept.</summary>
internal static partial class TapReport
{
    /// <summary>Whether a text is one.</summary>
    public static bool IsOne(string text) => Version().IsMatch(text) || (Plan().IsMatch(text) && Points().IsMatch(text));

    /// <summary>Adds the cases.</summary>
    public static bool Read(string text, ReportBuilder report)
    {
        var points = 0;
        foreach (Match match in Points().Matches(text))
        {
            points++;
            var directive = match.Groups["directive"].Value;
            var status = directive.StartsWith("skip", StringComparison.OrdinalIgnoreCase) || directive.StartsWith("todo", StringComparison.OrdinalIgnoreCase) ? TestStatus.Skipped
                : match.Groups["not"].Length > 0 ? TestStatus.Failed
                : TestStatus.Passed;
            var name = match.Groups["name"].Value.Trim();
            report.Add(name.Length == 0 ? $"test {points}" : name, status, 0, match.Groups["text"].Value);
        }

        return Plan().Match(text) is { Success: true } plan && int.TryParse(plan.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var planned)
            && planned == points && !BailedOut().IsMatch(text);
    }

    [GeneratedRegex(@"\ATAP version 1[34]\r?$", RegexOptions.Multiline, 2000)]
    private static partial Regex Version();

    [GeneratedRegex(@"^1\.\.(\d{1,9})", RegexOptions.Multiline, 2000)]
    private static partial Regex Plan();

    [GeneratedRegex(@"^(?<not>not )?ok\b(?: \d+)?(?: -)?(?<name>[^\n#]*)(?:# ?(?<directive>[^\n]*))?\r?(?:\n|\z)(?<text>(?:  [^\n]*\n)*)", RegexOptions.Multiline, 2000)]
    private static partial Regex Points();

    [GeneratedRegex("^Bail out!", RegexOptions.Multiline, 2000)]
    private static partial Regex BailedOut();
}

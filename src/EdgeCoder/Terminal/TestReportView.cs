using System.Globalization;
using EdgeCoder.Protocol.Runs;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>A test report as one line, and the tests that failed.</summary>
internal static class TestReportView
{
    private const int MostCases = 8;
    private const int MostLines = 6;

    /// <summary>Writes it; lines of a failure are cut at <paramref name="width"/>.</summary>
    public static void Show(IAnsiConsole console, TestReport report, string indent, int width = int.MaxValue)
    {
        console.MarkupLine($"{indent}{(report.IsPass ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(SafeText.ForTerminal(Line(report)))}");
        var failed = report.Cases.Where(test => test.Status is TestStatus.Failed or TestStatus.Errored).ToList();
        foreach (var test in failed.Take(MostCases))
        {
            console.MarkupLineInterpolated($"{indent}  [red]✗[/] {SafeText.ForTerminal(test.Name).ReplaceLineEndings(" ")}");
            foreach (var line in Why(test))
            {
                console.WriteLine(TextColumns.Cut($"{indent}      {line}", width));
            }
        }

        if (failed.Count > MostCases)
        {
            console.MarkupLineInterpolated($"{indent}  [dim]and {failed.Count - MostCases} more[/]");
        }
    }

    /// <summary>The counts, in words.</summary>
    public static string Line(TestReport report)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{report.DurationMs / 1000.0:0.0} s");
        var skipped = report.Skipped > 0 ? string.Create(CultureInfo.InvariantCulture, $", {report.Skipped} skipped") : "";
        var bad = report.Failed + report.Errored;
        var counts = report switch
        {
            { Total: 0 } => "no test ran",
            _ when bad > 0 => string.Create(CultureInfo.InvariantCulture, $"{bad} of {report.Total} {Tests(report.Total)} failed{skipped}"),
            { Passed: 0 } => string.Create(CultureInfo.InvariantCulture, $"all {report.Total} {Tests(report.Total)} skipped"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{report.Passed} {Tests(report.Passed)} passed{skipped}"),
        };
        return report.Complete ? $"{counts} ({report.Framework}, {seconds})" : $"{counts}; the run ended before its tests did ({report.Framework}, {seconds})";
    }

    private static string Tests(int count) => count == 1 ? "test" : "tests";

    private static IEnumerable<string> Why(TestCase test) =>
        test is { Expected: { } expected, Actual: { } actual }
            ? [$"expected {SafeText.ForTerminal(expected).ReplaceLineEndings(" ")}", $"got      {SafeText.ForTerminal(actual).ReplaceLineEndings(" ")}"]
            : (test.Message is { Length: > 0 } message ? SafeText.ForTerminal(message).TrimEnd().Split('\n').TakeLast(MostLines) : []);
}

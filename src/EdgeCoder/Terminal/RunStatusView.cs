using System.Globalization;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>One line that says how a run ended, and one more for each test that failed.</summary>
internal static class RunStatusView
{
    private const int MostCases = 10;
    private const int MostText = 120;

    /// <summary>Writes it.</summary>
    public static void Show(IAnsiConsole console, RunResult result)
    {
        var reason = RunReasons.CodeOf(result);
        console.Write(new Markup(result.Ok ? "[green]ok[/]" : $"[red]{Markup.Escape(Line(reason))}[/]"));
        console.Write(new Text(string.Concat(Parts(result).Select(part => " · " + Line(part))) + "\n"));
        foreach (var line in FailedCases(result))
        {
            console.Write(new Text("  " + Line(line) + "\n"));
        }
    }

    /// <summary>What stands after the reason.</summary>
    public static IEnumerable<string> Parts(RunResult result)
    {
        if (!result.Ok && result.Detail?.File is { Length: > 0 } file)
        {
            yield return file + Number(result.Detail.Line) + Number(result.Detail.Line is null ? null : result.Detail.Column);
        }

        // What stands on standard error is not said twice.
        if (!result.Ok && result.Tests is null && result.Detail?.Message is { Length: > 0 } message && !result.Stderr.Contains(message, StringComparison.Ordinal))
        {
            yield return message;
        }

        if (result.Tests is { } tests)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{tests.Passed} of {tests.Total} tests passed") + Count(tests.Failed, "failed") + Count(tests.Errored, "errored") + Count(tests.Skipped, "skipped");
        }

        if (result.Limits.Hit is { } hit)
        {
            yield return $"{hit} limit";
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"{result.DurationMs} ms");
        yield return result.Sandbox is { } sandbox ? $"sandbox: {sandbox.Backend}" : "nothing ran";
    }

    /// <summary>A line for each of the first tests that failed, with what was wanted and what came.</summary>
    public static IEnumerable<string> FailedCases(RunResult result)
    {
        var failed = result.Tests?.Cases.Where(test => test.Status is TestStatus.Failed or TestStatus.Errored).ToList() ?? [];
        foreach (var test in failed.Take(MostCases))
        {
            yield return "✗ " + test.Name + (test is { Expected: { } expected, Actual: { } actual } ? $": expected {Cut(expected)}, got {Cut(actual)}" : test.Message is { } message ? $": {Cut(message)}" : "");
        }

        if (failed.Count > MostCases)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"and {failed.Count - MostCases} more; --json has them all");
        }
    }

    private static string Number(int? value) => value is null ? "" : string.Create(CultureInfo.InvariantCulture, $":{value}");

    private static string Count(int count, string what) => count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {count} {what}");

    private static string Cut(string text) => text.Length <= MostText ? text : text[..MostText] + "…";

    private static string Line(string text) => SafeText.ForTerminal(text).ReplaceLineEndings(" ");
}

using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>
/// Makes the report of a run (agent-executor-models 1.3, 3.5) from what its runner told: pure. A run that was ended, told no end, told nothing that ran, or says by its
/// exit code what its report does not, is never a pass.
/// </summary>
internal static class TestReading
{
    private const int LastWords = 4_000;

    /// <summary>Framework of a report that knows only how the command ended.</summary>
    public const string ExitCodeOnly = "exit_code";

    /// <summary>Reads it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="form">In which form it tells.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="files">Contents of the report's files.</param>
    public static TestReport Read(TestCommand command, TestReportForm form, CommandOutcome outcome, IReadOnlyList<string> files)
    {
        try
        {
            return Look(command, form, outcome, files);
        }
        catch (RegexMatchTimeoutException)
        {
            var report = new ReportBuilder(Framework(command.Runner));
            report.Add(command.ToString(), TestStatus.Errored, outcome.Duration.TotalMilliseconds, "What it printed takes too long to read.");
            return report.Build(complete: false);
        }
    }

    private static TestReport Look(TestCommand command, TestReportForm form, CommandOutcome outcome, IReadOnlyList<string> files)
    {
        var (stdout, stderr) = (outcome.Stdout.ToString(), outcome.Stderr.ToString());
        var report = new ReportBuilder(Framework(command.Runner));
        var told = form switch
        {
            TestReportForm.Junit => All(files, report, JunitReport.Read),
            TestReportForm.Trx => All(files, report, TrxReport.Read),
            TestReportForm.GoJson => GoReport.Read(stdout, report),
            TestReportForm.UnittestText => UnittestReport.Read(stderr, report),
            TestReportForm.CargoText => CargoReport.Read(stdout, report),
            TestReportForm.PlatformText => PlatformReport.Read(stdout, report),
            _ => false,
        };
        if (form == TestReportForm.None && TapReport.IsOne(stdout))
        {
            told = TapReport.Read(stdout, report = new ReportBuilder("tap"));
        }
        else if (form == TestReportForm.None)
        {
            return ByExitCode(command, outcome, stdout + "\n" + stderr);
        }

        var ended = outcome is { End: CommandEnd.Exited } && outcome.Stdout.Dropped + outcome.Stderr.Dropped == 0;
        var whole = form is TestReportForm.Junit or TestReportForm.Trx ? outcome.End == CommandEnd.Exited : ended;
        if (outcome.ExitCode != 0 && report.Bad == 0 && !NothingRan(command, outcome))
        {
            report.Add(command.ToString(), TestStatus.Errored, outcome.Duration.TotalMilliseconds, $"{How(outcome)}\n{Last(stdout, stderr)}");
        }

        return report.Build(told && whole);
    }

    // Only how it ended is known: one case that says so, or as many as the last line counts.
    private static TestReport ByExitCode(TestCommand command, CommandOutcome outcome, string text)
    {
        var report = new ReportBuilder(ExitCodeOnly);
        var good = outcome is { End: CommandEnd.Exited, ExitCode: 0 };
        if (SummaryLine.Find(text) is { } counted)
        {
            Add(report, TestStatus.Passed, counted.Passed);
            Add(report, TestStatus.Skipped, counted.Skipped);
            Add(report, TestStatus.Failed, counted.Failed);
            if (!good && counted.Failed == 0)
            {
                report.Add(command.ToString(), TestStatus.Errored, outcome.Duration.TotalMilliseconds, $"{How(outcome)}\n{Last(text, "")}");
            }
            else if (counted.Failed > 0)
            {
                report.Add(command.ToString(), TestStatus.Failed, outcome.Duration.TotalMilliseconds, $"Its last line counts failures; which ones is in its output.\n{Last(text, "")}");
            }

            return report.Build(outcome.End == CommandEnd.Exited);
        }

        report.Add(
            $"{command} (the runner tells no single tests: its exit code is all that is known)",
            good ? SaysNothingRan(text) ? TestStatus.Skipped : TestStatus.Passed : TestStatus.Failed,
            outcome.Duration.TotalMilliseconds,
            good ? null : $"{How(outcome)}\n{Last(text, "")}");
        return report.Build(outcome.End == CommandEnd.Exited);
    }

    private static void Add(ReportBuilder report, TestStatus status, int count)
    {
        for (var i = 1; i <= Math.Min(count, 10_000); i++)
        {
            report.Add(string.Create(CultureInfo.InvariantCulture, $"{status.ToString().ToLowerInvariant()} test {i} (the runner told no names)"), status);
        }
    }

    private static bool All(IReadOnlyList<string> files, ReportBuilder report, Func<string, ReportBuilder, bool> read) =>
        files.Count > 0 && files.Aggregate(true, (whole, file) => read(file, report) && whole);

    // pytest says 5 when it found no test, go and cargo say 0.
    private static bool NothingRan(TestCommand command, CommandOutcome outcome) => command.Runner == TestRunner.Pytest && outcome is { End: CommandEnd.Exited, ExitCode: 5 };

    private static bool SaysNothingRan(string text) => new[] { "no tests ran", "no tests found", "no test files", "0 tests", "no tests were" }.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static string How(CommandOutcome outcome) => outcome.End switch
    {
        CommandEnd.Exited => $"It ended with code {outcome.ExitCode}.",
        CommandEnd.Signalled => $"Signal {outcome.ExitCode - 128} ended it.",
        CommandEnd.TimedOut => "The time limit ended it.",
        CommandEnd.OutputLimit => "The limit of output ended it.",
        CommandEnd.Cancelled => "It was cancelled.",
        CommandEnd.NotStarted => outcome.ExitCode == 127 ? "The program is not there." : "The program cannot be executed.",
        _ => outcome.Refusal?.Message ?? "It did not run.",
    };

    private static string Last(string stdout, string stderr)
    {
        var text = $"{stdout.Trim()}\n{stderr.Trim()}".Trim();
        return text.Length > LastWords ? text[^LastWords..] : text;
    }

    private static string Framework(TestRunner runner) => runner switch
    {
        TestRunner.Pytest => "pytest",
        TestRunner.Unittest => "unittest",
        TestRunner.Node => "node:test",
        TestRunner.Dotnet => "dotnet",
        TestRunner.Go => "go",
        TestRunner.Cargo => "cargo",
        TestRunner.Maven or TestRunner.Gradle => "junit",
        _ => ExitCodeOnly,
    };
}

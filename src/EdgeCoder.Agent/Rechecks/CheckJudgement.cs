using System.Text;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>What a run says about a result (coordinator-and-mesh 5.2, last step). Exit code, report and counts must all say it: pure.</summary>
internal static class CheckJudgement
{
    private const int LongestLog = 200_000;
    private const int MostCases = 50;

    /// <summary>Of a snippet, which EdgeCoder's own runner reports over its own channel.</summary>
    /// <param name="run">The run.</param>
    /// <param name="fewest">Fewest tests that must have run.</param>
    /// <param name="codeFile">Name of the file under test: a fault elsewhere is the check's own.</param>
    public static CheckRun OfSnippet(RunResult run, int fewest, string codeFile)
    {
        if (run.QueueReason is QueueReason.SandboxUnavailable or QueueReason.PolicyDenied)
        {
            return new CheckRun { End = CheckRunEnd.Unavailable, Log = run.Stderr };
        }

        var report = run.Tests;
        var ran = Ran(report);
        var early = run.Detail?.Code is "exited_early" or "no_tests" || report is null or { Complete: false };
        return new CheckRun
        {
            End = run.Ok && report is { IsPass: true } && ran >= Math.Max(1, fewest) ? CheckRunEnd.Passed
                : report is { Failed: 0, Errored: 0 } or null && run.QueueReason is null or QueueReason.RuntimeError && (early || ran < Math.Max(1, fewest)) ? CheckRunEnd.TestsMissing
                : CheckRunEnd.Failed,
            TestsRun = ran,
            TestsPassed = report?.Passed ?? 0,
            Cases = Cases(report),
            SandboxDigest = run.Sandbox?.Digest,
            CheckIsBroken = run.QueueReason is QueueReason.SyntaxError or QueueReason.OutsideSubset && run.Detail?.File is { } broken && broken != codeFile,
            Incident = run switch
            {
                { QueueReason: QueueReason.OutsideSubset, Detail.File: { } file } when file == codeFile => CheckIncident.RefusedByRules,
                { QueueReason: QueueReason.Timeout } => CheckIncident.Timeout,
                { Detail.Code: "blocked_syscall" } => CheckIncident.BlockedCall,
                _ => CheckIncident.None,
            },
            Log = Log(run.Detail is { } detail ? $"{detail.Code}: {detail.Message}" : "ok", report, run.Stdout, run.Stderr),
        };
    }

    /// <summary>Of a command of a repository.</summary>
    /// <param name="outcome">How the command ended.</param>
    /// <param name="report">What its report shows; null where the check asks for the exit code alone.</param>
    /// <param name="check">The check.</param>
    /// <param name="fewest">Fewest tests that must have run.</param>
    public static CheckRun OfCommand(CommandOutcome outcome, TestReport? report, AcceptanceCheck check, int fewest)
    {
        var log = Log($"{outcome.End}, exit code {outcome.ExitCode}", report, outcome.Stdout.ToString(), outcome.Stderr.ToString());
        if (outcome.End == CommandEnd.Unavailable)
        {
            return new CheckRun { End = CheckRunEnd.Unavailable, Log = outcome.Refusal?.Message ?? log };
        }

        var (ran, asked) = (Ran(report), check.Report != CheckReport.None);
        var good = outcome.End == CommandEnd.Exited && outcome.ExitCode == check.Expected.ExitCode;
        var whole = !asked || report is { Complete: true };
        return new CheckRun
        {
            End = !good || report is { Failed: > 0 } or { Errored: > 0 } ? CheckRunEnd.Failed
                : !whole || ran < Math.Max(asked ? 1 : 0, fewest) ? CheckRunEnd.TestsMissing
                : CheckRunEnd.Passed,
            TestsRun = ran,
            TestsPassed = report?.Passed ?? 0,
            Cases = Cases(report),
            SandboxDigest = outcome.Sandbox?.Digest,
            Incident = outcome.End == CommandEnd.TimedOut ? CheckIncident.Timeout : CheckIncident.None,
            Log = log,
        };
    }

    private static int Ran(TestReport? report) => report is null ? 0 : report.Passed + report.Failed + report.Errored;

    private static Dictionary<string, TestStatus> Cases(TestReport? report)
    {
        var cases = new Dictionary<string, TestStatus>(StringComparer.Ordinal);
        foreach (var one in report?.Cases ?? [])
        {
            cases[one.Name] = cases.TryGetValue(one.Name, out var known) && known > one.Status ? known : one.Status;
        }

        return cases;
    }

    private static string Log(string end, TestReport? report, string stdout, string stderr)
    {
        var text = new StringBuilder(end).Append('\n');
        foreach (var one in (report?.Cases ?? []).Where(one => one.Status is TestStatus.Failed or TestStatus.Errored).Take(MostCases))
        {
            text.Append(one.Name).Append(": ").Append(one.Message).Append('\n');
        }

        text.Append("--- stdout\n").Append(Tail(stdout)).Append("\n--- stderr\n").Append(Tail(stderr)).Append('\n');
        return text.ToString();
    }

    private static string Tail(string text) => text.Length > LongestLog ? text[^LongestLog..] : text;
}

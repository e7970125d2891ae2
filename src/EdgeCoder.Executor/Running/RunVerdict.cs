using System.Globalization;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Subset;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Running;

/// <summary>Turns what a sandboxed process did into the result with its reason: pure.</summary>
internal static class RunVerdict
{
    private const int SignalAbort = 128 + 6;
    private const int SignalTrap = 128 + 5;
    private const int SignalKill = 128 + 9;
    private const int SignalSegmentation = 128 + 11;
    private const int SignalCpu = 128 + 24;
    private const int SignalFileSize = 128 + 25;
    private const int SignalSystemCall = 128 + 31;
    private const int TimeoutExitCode = 124;
    private const int LimitExitCode = 137;

    // What V8 prints before it aborts for lack of memory (v8/src/api/api.cc, V8::FatalProcessOutOfMemory), and what CPython and glibc print.
    private static readonly string[] OutOfMemoryTexts =
    [
        "heap out of memory", "Out of memory", "Committing semi space failed", "process OOM", "Fatal process out of memory", "MemoryError", "Cannot allocate memory", "bad_alloc",
    ];

    /// <summary>A result for a request that never came to a process.</summary>
    public static RunResult Refused(SnippetLanguage language, RunLimits limits, QueueReason reason, string message, RunDetail? detail = null, SandboxIdentity? sandbox = null) => new()
    {
        Language = NameOf(language),
        Ok = false,
        Stdout = "",
        Stderr = message + "\n",
        ExitCode = 1,
        DurationMs = 0,
        QueueForCloud = reason == QueueReason.OutsideSubset,
        QueueReason = reason,
        Detail = detail ?? new RunDetail { Code = Code(reason), Message = message },
        Limits = limits,
        Sandbox = sandbox,
    };

    /// <summary>A result for a program that is outside the subset or does not parse.</summary>
    public static RunResult Refused(SnippetLanguage language, RunLimits limits, SubsetRefusal refusal, SandboxIdentity? sandbox) =>
        Refused(language, limits, refusal.Detail.Code == "syntax_error" ? QueueReason.SyntaxError : QueueReason.OutsideSubset, refusal.Message, refusal.Detail, sandbox);

    /// <summary>Judges one process. Rules in order: the first that applies gives the reason.</summary>
    public static RunResult Judge(SnippetLanguage language, LimitPlan plan, bool testsGiven, string firstFile, SandboxIdentity sandbox, SandboxOutcome outcome)
    {
        var limits = plan.ToRunLimits() with { UsedCpuMs = outcome.CpuMs, UsedMemoryBytes = outcome.MemoryBytes };
        var report = outcome.Report;

        // 0. The sandbox does not hold: nothing counts.
        if (outcome.Escaped is { } canary)
        {
            var message = $"the canary '{canary}' got out of the sandbox of this process, so it runs nothing more; please report it";
            return Refused(language, limits, QueueReason.SandboxUnavailable, "sandbox_unavailable: " + message, new RunDetail { Code = "canary_escaped", Message = message }, sandbox);
        }

        // 1. Nothing of the program ran: its source was refused, or the sandbox itself failed.
        if (Refusal(report) is { } refusal)
        {
            return Refused(language, limits, refusal, sandbox);
        }

        if (!report.Ready)
        {
            var reason = StartFailure(outcome);
            return Refused(language, limits, QueueReason.SandboxUnavailable, "sandbox_unavailable: " + reason, new RunDetail { Code = "sandbox_unavailable", Message = reason }, sandbox);
        }

        if (!report.Started)
        {
            return Refused(language, limits, new SubsetRefusal { Rule = "check.crashed", Construct = "the source", File = firstFile, Line = 1, Column = 1 }, sandbox);
        }

        // 2. It ran.
        var tests = testsGiven ? TestReports.Read(report) : null;
        var error = report.Records.LastOrDefault(record => record.Kind == "error");
        var (reasonCode, code, exitCode, hit) = Reason(plan, outcome, tests, error);
        var dropped = outcome.Stdout.Dropped + outcome.Stderr.Dropped;
        return new RunResult
        {
            Language = NameOf(language),
            Ok = reasonCode is null,
            Stdout = outcome.Stdout.Text(),
            Stderr = outcome.Stderr.Text() + Note(reasonCode, hit, plan, dropped),
            ExitCode = exitCode,
            DurationMs = (long)outcome.Program.TotalMilliseconds,
            StartupMs = (long)outcome.Startup.TotalMilliseconds,
            QueueForCloud = reasonCode is QueueReason.Timeout or QueueReason.MemoryLimit,
            QueueReason = reasonCode,
            Detail = reasonCode is null ? null : Detail(code, error, tests),
            Limits = limits with { Hit = hit },
            Tests = tests,
            Sandbox = sandbox,
            Truncated = dropped == 0 ? null : new TruncatedOutput { StdoutBytes = outcome.Stdout.Dropped, StderrBytes = outcome.Stderr.Dropped },
        };
    }

    /// <summary>Name of a language on the wire.</summary>
    public static string NameOf(SnippetLanguage language) => language == SnippetLanguage.Python ? "python" : "javascript";

    private static (QueueReason? Reason, string Code, int ExitCode, string? Hit) Reason(LimitPlan plan, SandboxOutcome outcome, TestReport? tests, ReportRecord? error)
    {
        var status = outcome.Status;
        var ended = outcome.Report.Ended;
        var exitCode = ended ? outcome.Report.Records[^1].Number("exit") ?? 1 : status;
        var outOfCpu = !ended && (status == SignalCpu || (status == SignalKill && outcome.CpuMs >= plan.Time.TotalMilliseconds));
        var failedHere = ended ? exitCode != 0 : status != 0;
        var stderr = failedHere ? outcome.Stderr.Text() : "";

        // Limits first: a program that was stopped did not fail by itself.
        if (outcome.End is SandboxEnd.WallLimit)
        {
            return (QueueReason.Timeout, "timeout_wall", TimeoutExitCode, "wall");
        }

        if (outcome.End is SandboxEnd.FuelLimit)
        {
            return (QueueReason.Timeout, "timeout_fuel", TimeoutExitCode, "fuel");
        }

        if (outcome.End is SandboxEnd.ScratchLimit)
        {
            return (QueueReason.RuntimeError, "file_size", LimitExitCode, "file_size");
        }

        if (outcome.End is SandboxEnd.OutputLimit || outcome.Stdout.Dropped > 0 || outcome.Stderr.Dropped > 0)
        {
            return (QueueReason.OutputLimit, "output_limit", LimitExitCode, "output");
        }

        if (outOfCpu)
        {
            return (QueueReason.Timeout, "timeout_cpu", TimeoutExitCode, "cpu");
        }

        if (outcome.End is SandboxEnd.MemoryLimit || error?.Text("code") == "memory" || (!ended && status == SignalKill) || (!ended && status is SignalAbort or SignalTrap or SignalSegmentation && OutOfMemoryTexts.Any(stderr.Contains)))
        {
            return (QueueReason.MemoryLimit, "memory_limit", LimitExitCode, "memory");
        }

        // How it ended without its end record.
        if (!ended)
        {
            return status switch
            {
                0 => (QueueReason.RuntimeError, "exited_early", 1, null),
                SignalSystemCall => (QueueReason.RuntimeError, "blocked_syscall", status, null),
                SignalFileSize => (QueueReason.RuntimeError, "file_size", status, "file_size"),
                > 128 => (QueueReason.RuntimeError, "crashed", status, null),
                _ => (QueueReason.RuntimeError, tests is null ? "runtime_error" : "exited_early", status, null),
            };
        }

        // The runner's word; one that it does not have is the program's.
        var code = error?.Text("code") is { } told ? (RunReasons.OfRunners.Contains(told) ? told : "exception") : null;
        if (tests is { IsPass: false } || exitCode != 0 || code is not null)
        {
            return (QueueReason.RuntimeError, code is not null and not "exception" ? code : tests is null ? "runtime_error" : tests.Total == 0 ? "no_tests" : "test_failed",
                exitCode == 0 ? 1 : exitCode, code == "file_size" ? "file_size" : null);
        }

        return (null, "ok", 0, null);
    }

    private static RunDetail Detail(string code, ReportRecord? error, TestReport? tests)
    {
        var failing = tests?.Cases.FirstOrDefault(test => test.Status is TestStatus.Failed or TestStatus.Errored);
        return new RunDetail
        {
            Code = code,
            Message = code switch
            {
                "no_tests" => "no test was found and no assertion ran",
                "exited_early" => "the program ended before its end: what was to come after it did not run",
                "blocked_syscall" => "the program made a system call that no ordinary program makes",
                "test_failed" => failing is null ? "not every collected test was reported as passed" : $"{failing.Name}: {failing.Message}",
                _ => error?.Text("message"),
            },
            File = error?.Text("file"),
            Line = error?.Number("line"),
        };
    }

    private static string Note(QueueReason? reason, string? hit, LimitPlan plan, long dropped) => reason switch
    {
        QueueReason.Timeout => string.Create(CultureInfo.InvariantCulture, $"\nExecution timed out ({hit} limit {plan.Time.TotalMilliseconds:0} ms)\n"),
        QueueReason.MemoryLimit => string.Create(CultureInfo.InvariantCulture, $"\nMemory limit of {plan.MemoryBytes >> 20} MiB reached\n"),
        QueueReason.OutputLimit => string.Create(CultureInfo.InvariantCulture, $"\nOutput limit of {plan.OutputBytes} bytes reached; {dropped} bytes dropped\n"),
        _ => "",
    };

    private static SubsetRefusal? Refusal(ReportChannel report)
    {
        var record = report.Started ? null : report.Records.FirstOrDefault(candidate => candidate.Kind is "syntax" or "refused");
        return record is null ? null : new SubsetRefusal
        {
            Rule = record.Kind == "syntax" ? null : record.Text("rule") ?? "check.crashed",
            Construct = record.Text(record.Kind == "syntax" ? "message" : "construct") ?? "",
            File = record.Text("file") ?? "",
            Line = record.Number("line") ?? 1,
            Column = record.Number("column") ?? 1,
        };
    }

    private static string StartFailure(SandboxOutcome outcome)
    {
        var step = outcome.Status - EntryAssembler.FirstFailureCode;
        var said = outcome.Stderr.Text().Trim();
        return outcome.End == SandboxEnd.StartLimit ? "the sandbox did not start in time"
            : step >= 0 && step < EntryProgram.Steps.Count ? $"the entry program could not {EntryProgram.Steps[step]}; the kernel is older than 5.11 or a policy of this machine forbids it"
            : said.Length > 0 ? said
            : string.Create(CultureInfo.InvariantCulture, $"the interpreter ended with {outcome.Status} before it was ready");
    }

    private static string Code(QueueReason reason) => reason switch
    {
        QueueReason.PolicyDenied => "policy_denied",
        QueueReason.SandboxUnavailable => "sandbox_unavailable",
        _ => "outside_subset",
    };
}

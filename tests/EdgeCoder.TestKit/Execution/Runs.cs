using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.TestKit.Execution;

/// <summary>Run results as the executor writes them.</summary>
public static class Runs
{
    /// <summary>The executor's default limits.</summary>
    public static RunLimits Limits { get; } = new()
    {
        WallMs = 4_000,
        CpuMs = 4_000,
        MemoryBytes = 256 << 20,
        OutputBytes = 64 << 10,
        ScratchBytes = 16 << 20,
        Processes = 32,
        OpenFiles = 64,
    };

    /// <summary>Every one of <paramref name="names"/> passed.</summary>
    public static RunResult Passed(params string[] names) => Ended(0, null) with { Ok = true, QueueReason = null, Tests = Report([.. names.Select(n => Case(n, TestStatus.Passed))]) };

    /// <summary>A program without tests ended with exit code 0.</summary>
    public static RunResult ExitedZero(string stdout = "") => Ended(0, null) with { Ok = true, Stdout = stdout };

    /// <summary>One test failed.</summary>
    public static RunResult Failed(string name = "test_it", string? expected = "2", string? actual = "3", string stdout = "", string stderr = "") =>
        Ended(1, QueueReason.RuntimeError) with
        {
            Stdout = stdout,
            Stderr = stderr,
            Detail = new RunDetail { Code = "test_failed" },
            Tests = Report([Case(name, TestStatus.Failed) with { Message = "assertion failed", Expected = expected, Actual = actual }]),
        };

    /// <summary>It does not parse.</summary>
    public static RunResult SyntaxError(int line = 1, int column = 9, string message = "invalid syntax") => Ended(1, QueueReason.SyntaxError) with
    {
        Stderr = $"syntax_error: {message} (line {line}, column {column})",
        Detail = new RunDetail { Code = "syntax_error", Line = line, Column = column, Message = message },
    };

    /// <summary>The subset refuses it.</summary>
    public static RunResult OutsideSubset(string construct = "import socket") => Ended(1, QueueReason.OutsideSubset) with
    {
        QueueForCloud = true,
        Stderr = $"outside_subset: line 1, column 1: {construct}",
        Detail = new RunDetail { Code = "outside_subset", Construct = construct, Line = 1, Column = 1, Message = "there is no network", Alternative = "work on values that are given" },
    };

    /// <summary>It ran into the time limit.</summary>
    public static RunResult Timeout(string stdout = "") => Ended(124, QueueReason.Timeout) with
    {
        QueueForCloud = true,
        Stdout = stdout,
        Stderr = "Execution timed out",
        Limits = Limits with { Hit = "wall" },
    };

    /// <summary>It ran into the memory limit.</summary>
    public static RunResult MemoryLimit() => Ended(137, QueueReason.MemoryLimit) with { QueueForCloud = true, Stderr = "memory limit", Limits = Limits with { Hit = "memory" } };

    /// <summary>It wrote too much.</summary>
    public static RunResult OutputLimit() => Ended(137, QueueReason.OutputLimit) with
    {
        Stdout = "aaaa",
        Truncated = new TruncatedOutput { StdoutBytes = 1_000_000, StderrBytes = 0 },
        Limits = Limits with { Hit = "output" },
    };

    /// <summary>Nothing can run here.</summary>
    public static RunResult SandboxUnavailable() => Ended(1, QueueReason.SandboxUnavailable) with
    {
        Stderr = "sandbox_unavailable: bubblewrap is not installed; run: apt-get install bubblewrap",
        Sandbox = null,
    };

    /// <summary>Policy forbids it.</summary>
    public static RunResult PolicyDenied() => Ended(1, QueueReason.PolicyDenied) with { Stderr = "policy_denied: rule no-javascript", Sandbox = null };

    /// <summary>A result that is not ok.</summary>
    public static RunResult Ended(int exitCode, QueueReason? reason) => new()
    {
        Language = "python",
        Ok = false,
        Stdout = "",
        Stderr = "",
        ExitCode = exitCode,
        DurationMs = 12,
        QueueForCloud = false,
        QueueReason = reason,
        Limits = Limits,
        Sandbox = new SandboxIdentity { Backend = "namespaces", Digest = new string('a', 64) },
    };

    /// <summary>A whole report over cases.</summary>
    public static TestReport Report(params IReadOnlyList<TestCase> cases) => new()
    {
        Framework = "pytest",
        Total = cases.Count,
        Passed = cases.Count(c => c.Status == TestStatus.Passed),
        Failed = cases.Count(c => c.Status == TestStatus.Failed),
        Skipped = cases.Count(c => c.Status == TestStatus.Skipped),
        Errored = cases.Count(c => c.Status == TestStatus.Errored),
        DurationMs = 1.5,
        Cases = cases,
        Complete = true,
    };

    /// <summary>One case.</summary>
    public static TestCase Case(string name, TestStatus status) => new() { Name = name, Status = status, DurationMs = 0.5 };
}

using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor;

/// <summary>One finer reason of <see cref="RunDetail.Code"/>.</summary>
/// <param name="Code">The code.</param>
/// <param name="Outer">The reason of the outer contract that it comes with; null for success.</param>
/// <param name="Meaning">What it means, for people.</param>
public sealed record RunReason(string Code, QueueReason? Outer, string Meaning);

/// <summary>The closed set of reasons that a run can end with.</summary>
public static class RunReasons
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RunReason> All { get; } =
    [
        new("ok", null, "it ended with exit code 0, and all tests passed where tests were given"),
        new("outside_subset", QueueReason.OutsideSubset, "refused before running: a construct that the subset does not accept"),
        new("syntax_error", QueueReason.SyntaxError, "the source does not parse"),
        new("runtime_error", QueueReason.RuntimeError, "an exception that nobody caught, or an exit code that is not 0"),
        new("test_failed", QueueReason.RuntimeError, "a test failed, or one that was collected was not reported"),
        new("no_tests", QueueReason.RuntimeError, "tests were given, and none was found in them"),
        new("tampered", QueueReason.RuntimeError, "the program replaced parts of the test framework"),
        new("exited_early", QueueReason.RuntimeError, "the program ended before its end, so the rest did not run"),
        new("crashed", QueueReason.RuntimeError, "a signal ended the interpreter"),
        new("blocked_syscall", QueueReason.RuntimeError, "a system call that no ordinary program makes; the kernel ended it"),
        new("denied", QueueReason.RuntimeError, "the sandbox refused an operation"),
        new("denied_file", QueueReason.RuntimeError, "the sandbox refused a file"),
        new("denied_network", QueueReason.RuntimeError, "there is no network"),
        new("denied_process", QueueReason.RuntimeError, "no process can be started or signalled"),
        new("file_size", QueueReason.RuntimeError, "a file grew beyond its limit, or the scratch directory is full"),
        new("timeout_wall", QueueReason.Timeout, "the wall time was used up"),
        new("timeout_cpu", QueueReason.Timeout, "the processor time was used up"),
        new("timeout_fuel", QueueReason.Timeout, "the WebAssembly instructions were used up"),
        new("memory_limit", QueueReason.MemoryLimit, "the memory was used up"),
        new("output_limit", QueueReason.OutputLimit, "too much was written; head and tail are kept"),
        new("sandbox_unavailable", QueueReason.SandboxUnavailable, "no isolation or no interpreter works here; the message has the remedy"),
        new("policy_denied", QueueReason.PolicyDenied, "policy forbids it: the mode is none, or a limit is outside its range"),
    ];

    /// <summary>What a runner may report of an error; anything else counts as <c>exception</c>.</summary>
    internal static IReadOnlySet<string> OfRunners { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "denied", "denied_file", "denied_network", "denied_process", "file_size", "tampered", "exited_early", "exception",
    };

    /// <summary>The finer reason of a result.</summary>
    public static string CodeOf(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Ok ? "ok" : result.Detail?.Code ?? "runtime_error";
    }
}

using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Commands;

/// <summary>The exit code of <c>exec</c>: the program's own where it ran to an end of its own, else one that tells why not. The table is in docs/exec.md.</summary>
internal static class ExecExitCode
{
    /// <summary>A time limit; what timeout(1) gives.</summary>
    public const int Timeout = 124;

    /// <summary>No sandbox: nothing was run. What timeout(1), env(1) and container engines give when they themselves fail.</summary>
    public const int Unavailable = 125;

    /// <summary>A memory or output limit; what a shell gives for SIGKILL.</summary>
    public const int Limit = 137;

    private const int LargestOfPrograms = 125;
    private const int FirstSignal = 129;
    private const int LastSignal = 128 + 64;

    /// <summary>The code of a result.</summary>
    public static int Of(RunResult result) => result switch
    {
        { Ok: true } => (int)ExitCode.Success,
        { QueueReason: QueueReason.Timeout } => Timeout,
        { QueueReason: QueueReason.MemoryLimit or QueueReason.OutputLimit } => Limit,
        { QueueReason: QueueReason.SandboxUnavailable } => Unavailable,
        { QueueReason: QueueReason.PolicyDenied or QueueReason.OutsideSubset } => (int)ExitCode.Refused,
        { QueueReason: QueueReason.SyntaxError } => (int)ExitCode.Failed,
        { ExitCode: >= 1 and <= LargestOfPrograms } => result.ExitCode,
        { ExitCode: >= FirstSignal and <= LastSignal } when RunReasons.CodeOf(result) is "crashed" or "blocked_syscall" or "file_size" => result.ExitCode,
        _ => (int)ExitCode.Failed,
    };
}

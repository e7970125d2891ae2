using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor;

/// <summary>Runs one snippet in isolation. The other side is a process: tests of the loop put a scripted one here.</summary>
public interface ICodeExecutor
{
    /// <summary>
    /// Checks the subset, runs the program in the sandbox and reads its report.
    /// Every fault of the program or of the sandbox is a <see cref="RunResult"/>; only cancellation throws.
    /// </summary>
    Task<RunResult> RunAsync(RunRequest request, CancellationToken cancellationToken);
}

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

    /// <summary>
    /// Finds and tests the isolation of a language ahead of its first run, so that the run does not wait for it; meant to go on beside something slower.
    /// What is missing is not told here but by the run.
    /// </summary>
    Task PrepareAsync(SnippetLanguage language, CancellationToken cancellationToken) => Task.CompletedTask;
}

namespace EdgeCoder.Executor.Commands;

/// <summary>
/// Runs a project's own programs (test runners, compilers, git) in isolation: no subset, the machine's tool chains read-only, the directories of the
/// command's mounts and nothing else of the machine's files. The other side is the operating system.
/// </summary>
public interface IProjectSandbox
{
    /// <summary>
    /// Finds and proves the isolation for commands: canaries that read a denied file, write outside, connect and exceed a limit must all fail.
    /// Null when it holds; else why not, and the remedy. Remembered once it holds.
    /// </summary>
    Task<CommandRefusal?> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs one command. Every fault of the command and of the sandbox is an outcome, cancellation too; when this returns nothing of the command is left running.
    /// Throws <see cref="ArgumentException"/> for a command that no caller may build: an empty argument list, a relative mount.
    /// </summary>
    Task<CommandOutcome> RunAsync(ProjectCommand command, CancellationToken cancellationToken);
}

using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>A sandbox in which one command of git is killed by a cancellation at the worst moment: when it holds its lock. Everything else runs in the real one.</summary>
internal sealed class KillingSandbox(IProjectSandbox real) : IProjectSandbox
{
    /// <summary>The command that is killed.</summary>
    public string? Kills { get; set; }

    public Task<CommandRefusal?> PrepareAsync(CancellationToken cancellationToken) => real.PrepareAsync(cancellationToken);

    public Task<CommandOutcome> RunAsync(ProjectCommand command, CancellationToken cancellationToken)
    {
        if (Kills is null || !command.Arguments.Contains(Kills))
        {
            return real.RunAsync(command, cancellationToken);
        }

        var locked = Kills == "update-ref"
            ? Path.Combine(command.Environment["GIT_DIR"], command.Arguments[command.Arguments.ToList().IndexOf(Kills) + 1])
            : command.Environment["GIT_INDEX_FILE"];
        Directory.CreateDirectory(Path.GetDirectoryName(locked)!);
        File.WriteAllText(locked + ".lock", "");
        return Task.FromResult(new CommandOutcome { End = CommandEnd.Cancelled, ExitCode = 137, Stdout = CommandText.Empty, Stderr = CommandText.Empty, Duration = TimeSpan.Zero });
    }
}

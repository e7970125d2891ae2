using EdgeCoder.Agent.Repositories;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Git;

/// <summary>
/// Runs git in the sandbox (agent-executor-models 2.3): system and user configuration off, no pager, prompt, editor, lazy fetch or protocol. The
/// repository it works on is always named by the caller and never searched for, so no configuration that a project brings is ever read.
/// </summary>
internal sealed class GitProcess(IProjectSandbox sandbox)
{
    /// <summary>Git's exit code for options that it does not know.</summary>
    private const int UsageError = 129;

    private static readonly Dictionary<string, string> Quiet = new()
    {
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_SYSTEM"] = "/dev/null",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_ATTR_NOSYSTEM"] = "1",
        ["GIT_CEILING_DIRECTORIES"] = "/",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_ASKPASS"] = "/dev/null",
        ["SSH_ASKPASS"] = "/dev/null",
        ["GIT_EDITOR"] = "/dev/null",
        ["GIT_PAGER"] = "",
        ["GIT_NO_LAZY_FETCH"] = "1",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["GIT_ALLOW_PROTOCOL"] = "none",
        ["HOME"] = "/dev/null",
        ["XDG_CONFIG_HOME"] = "/dev/null",
        ["LC_ALL"] = "C",
        ["TZ"] = "UTC",
    };

    /// <summary>Runs git without any repository.</summary>
    public Task<GitAnswer> RunAsync(GitCall call, CancellationToken cancellationToken) =>
        RunAsync(call, "/tmp", new Dictionary<string, string>(Quiet) { ["GIT_DIR"] = "/dev/null" }, cancellationToken);

    /// <summary>Runs git on a repository of this program.</summary>
    /// <param name="call">The call.</param>
    /// <param name="directory">The repository's directory; its configuration is this program's.</param>
    /// <param name="identity">Who writes commits, and when.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<GitAnswer> RunAsync(GitCall call, string directory, GitIdentity identity, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(Quiet) { ["GIT_DIR"] = directory };
        identity.AddTo(environment);
        if (call.WorkTree is not null)
        {
            environment["GIT_WORK_TREE"] = call.WorkTree;
        }

        if (call.Index is not null)
        {
            environment["GIT_INDEX_FILE"] = call.Index;
        }

        if (call.Protocol is not null)
        {
            environment["GIT_ALLOW_PROTOCOL"] = call.Protocol;
        }

        return RunAsync(call, call.WorkTree ?? directory, environment, cancellationToken);
    }

    private async Task<GitAnswer> RunAsync(GitCall call, string cwd, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var outcome = await sandbox.RunAsync(
            new ProjectCommand
            {
                Arguments = ["git", "--no-pager", .. call.Arguments],
                WorkingDirectory = cwd,
                Mounts = call.Mounts,
                Environment = environment,
                Input = call.Input,
                Network = call.Protocol is not null,
                ToolChains = false,
                Limits = new CommandLimits { Time = call.Time, OutputBytes = call.OutputBytes, MostOutputBytes = call.OutputBytes },
            },
            cancellationToken).ConfigureAwait(false);

        return outcome.End switch
        {
            CommandEnd.Exited when outcome.Stdout.Dropped > 0 => throw TooMuch(call),
            CommandEnd.Exited when outcome.ExitCode == 0 || call.Answers.Contains(outcome.ExitCode) => new GitAnswer(outcome.ExitCode, outcome.Stdout.Head, outcome.Stderr.ToString()),
            CommandEnd.Exited when outcome.ExitCode == UsageError => throw new RepositoryException("git_missing", $"The installed git does not know what is asked of git {call.Arguments[0]}: it is too old.", "Install git 2.38 or newer."),
            CommandEnd.Exited or CommandEnd.Signalled => throw Failed(call, outcome),
            CommandEnd.OutputLimit => throw TooMuch(call),
            CommandEnd.TimedOut => throw new RepositoryException("git_timeout", $"git {call.Arguments[0]} did not end within {call.Time.TotalSeconds:0} s."),
            CommandEnd.Cancelled => throw new OperationCanceledException(cancellationToken),
            CommandEnd.NotStarted => throw new RepositoryException("git_missing", "git is not installed, or the sandbox cannot start it.", "Install git 2.38 or newer."),
            _ => throw new RepositoryException("sandbox_unavailable", outcome.Refusal?.Message ?? "There is no isolation for commands.", outcome.Refusal?.Remedy),
        };
    }

    private static RepositoryException Failed(GitCall call, CommandOutcome outcome) =>
        new("git_failed", $"git {call.Arguments[0]} failed ({outcome.ExitCode}): {Shortened(outcome.Stderr.ToString())}");

    private static RepositoryException TooMuch(GitCall call) =>
        new("git_output_limit", $"git {call.Arguments[0]} answered more than {call.OutputBytes >> 10} KiB.", "Ask for less: a path, a count.");

    private static string Shortened(string errors) => errors.Length <= 2_000 ? errors.Trim() : errors[..2_000].Trim() + " ...";
}

using System.Security.Cryptography;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Commands;

/// <summary>How the commands of one session are run: one worktree, one sandbox, one policy (agent-executor-models 2.3, 2.5).</summary>
internal sealed record ProjectCommands
{
    private const string Top = "/project";

    /// <summary>The sandbox.</summary>
    public required IProjectSandbox Sandbox { get; init; }

    /// <summary>The worktree.</summary>
    public required ProjectRoot Root { get; init; }

    /// <summary>Name of the project; commands see the worktree as <c>/project/</c> and this, so that no path of this machine is told.</summary>
    public required string Name { get; init; }

    /// <summary>Paths in the worktree, relative, whose content is denied now; asked before each command, because a command before may have made some.</summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<string>>> Denied { get; init; }

    /// <summary>Directory of this session, outside the worktree: build caches, which stay from command to command, and reports.</summary>
    public required string SessionDirectory { get; init; }

    /// <summary>What else commands see; for instance the repository of a git worktree, read-only.</summary>
    public IReadOnlyList<CommandMount> Mounts { get; init; } = [];

    /// <summary>Paths as commands see them that are masked besides; for instance <c>config</c> of such a repository.</summary>
    public IReadOnlyList<string> Masked { get; init; } = [];

    /// <summary>The person's own project, from which installed dependencies are taken read-only where the worktree has none; null: from nowhere.</summary>
    public ProjectRoot? Dependencies { get; init; }

    /// <summary>Whether a command can have the network at all: not in a session of class <c>local</c>, not where there is nobody to ask.</summary>
    public bool NetworkPossible { get; init; }

    /// <summary>Longest time that a call may ask for. Default 10 min.</summary>
    public TimeSpan LongestTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time of a test run. Default 10 min.</summary>
    public TimeSpan TestTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The worktree as commands see it.</summary>
    public string Target => $"{Top}/{PlainName(Name)}";

    /// <summary>A path of the worktree as commands see it.</summary>
    public string TargetOf(ProjectPath path) => path.Value.Length == 0 ? Target : $"{Target}/{path.Value}";

    /// <summary>A path that a model wrote: relative to the root, or as commands show it.</summary>
    /// <exception cref="ToolException">It leaves the root.</exception>
    public ProjectPath Parse(string path) =>
        path == Target || path == Target + "/" ? ProjectPath.Root : path is "" or "." or "./" ? ProjectPath.Root : Root.Parse(path.StartsWith(Target + "/", StringComparison.Ordinal) ? path[(Target.Length + 1)..] : path);

    /// <summary>A command in the worktree, with everything that policy says about it.</summary>
    /// <exception cref="ToolException">Something is denied that cannot be hidden from a command.</exception>
    public async ValueTask<ProjectCommand> CommandAsync(IReadOnlyList<string> arguments, ProjectPath directory, CancellationToken cancellationToken)
    {
        var denied = await Denied(cancellationToken).ConfigureAwait(false);
        if (denied.Contains(""))
        {
            throw new ToolException("Commands cannot run: the project's top directory holds a directory, or a file that is denied, whose name is no UTF-8, and what is in it cannot be hidden. A person has to rename it.");
        }

        return new ProjectCommand
        {
            Arguments = arguments,
            WorkingDirectory = TargetOf(directory),
            Mounts = [new(Root.Directory, Target, Writable: true), .. Mounts, .. DependencyMounts.Of(Root, Dependencies, Target), new(CacheDirectory(), "/home/sandbox/.cache", Writable: true)],
            Masked = [.. Masked, .. denied.Select(path => $"{Target}/{path}")],
        };
    }

    /// <summary>Makes a directory for reports whose name cannot be guessed: on this machine, and as the command sees it.</summary>
    public (string Directory, string Target) NewReports()
    {
        var name = "reports-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        return (Directory.CreateDirectory(Path.Combine(SessionDirectory, name)).FullName, $"/run/{name}");
    }

    private string CacheDirectory() => Directory.CreateDirectory(Path.Combine(SessionDirectory, "cache")).FullName;

    private static string PlainName(string name)
    {
        var plain = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('.');
        return plain.Length is 0 or > 100 ? "project" : plain;
    }
}

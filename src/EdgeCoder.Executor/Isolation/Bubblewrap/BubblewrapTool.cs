namespace EdgeCoder.Executor.Isolation.Bubblewrap;

/// <summary>The bubblewrap of this machine and how it is started.</summary>
internal sealed record BubblewrapTool
{
    /// <summary>User and group as which root starts bubblewrap: reserved by Debian's policy, within every 16-bit range, owner of nothing.</summary>
    public const uint UnprivilegedId = 65533;

    /// <summary>Oldest version with <c>--perms</c> and <c>--clearenv</c> and correct handling of both with data files.</summary>
    private static readonly Version Oldest = new(0, 5, 0);

    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>Length and time of change of the file.</summary>
    public required string FileStamp { get; init; }

    /// <summary>The program that drops root first, when this process is root: limits on processes do not hold for root.</summary>
    public string? DropRoot { get; init; }

    /// <summary>Finds it, or says what is missing.</summary>
    public static async Task<(BubblewrapTool? Tool, SandboxRefusal? Refusal)> FindAsync(string searchPath, bool root, CancellationToken cancellationToken)
    {

        if (ExecutableFile.Find("bwrap", searchPath) is not { } path)
        {
            return (null, new("bubblewrap (bwrap) is not installed", "apt-get install bubblewrap"));
        }

        string? drop = null;
        if (root && (drop = ExecutableFile.Find("setpriv", searchPath)) is null)
        {
            return (null, new("setpriv of util-linux is not installed, and as root the sandbox is started by an unprivileged user", "apt-get install util-linux"));
        }

        var answer = await ExecutableFile.AskAsync(path, ["--version"], cancellationToken).ConfigureAwait(false);
        var version = answer.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        return !System.Version.TryParse(version, out var parsed) || parsed < Oldest
            ? (null, new($"{path} is version '{version}', and at least {Oldest} is needed", "install a newer bubblewrap, for instance from Debian 12"))
            : (new BubblewrapTool { Path = path, Version = version, FileStamp = ExecutableFile.Stamp(path), DropRoot = drop }, null);
    }

    /// <summary>The program to start and its argument vector.</summary>
    public (string Launcher, IReadOnlyList<string> Arguments) Command(IEnumerable<string> arguments) => DropRoot is null
        ? (Path, [Path, .. arguments])
        : (DropRoot, [DropRoot, $"--reuid={UnprivilegedId}", $"--regid={UnprivilegedId}", "--clear-groups", "--inh-caps=-all", "--", Path, .. arguments]);
}

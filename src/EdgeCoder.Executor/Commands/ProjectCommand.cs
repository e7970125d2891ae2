namespace EdgeCoder.Executor.Commands;

/// <summary>A program of a project, and all that it may see.</summary>
public sealed record ProjectCommand
{
    /// <summary>Argument vector. The first is looked up in the sandbox's PATH unless it holds a slash. A NUL in one is refused.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Working directory, absolute, as the command sees it: below the target of a mount.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>What it sees besides the system and the tool chains. A later mount may lie within an earlier one.</summary>
    public required IReadOnlyList<CommandMount> Mounts { get; init; }

    /// <summary>Absolute paths, as the command sees them, of files that show as empty and directories that show as empty, read-only both. Missing ones are skipped.</summary>
    public IReadOnlyList<string> Masked { get; init; } = [];

    /// <summary>Added to the sandbox's clean environment; nothing of this process's own environment is ever passed on.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Standard input; empty: at its end.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Standard input that is written while it runs, instead of <see cref="Input"/>.</summary>
    public CommandInput? Feed { get; init; }

    /// <summary>Whether the command may use the machine's network. Default no: a private loopback and nothing else. The caller has asked a person.</summary>
    public bool Network { get; init; }

    /// <summary>
    /// Whether compilers, interpreters and the dependencies already on the machine are visible read-only (package caches of the home directory among them).
    /// Default yes; git does without.
    /// </summary>
    public bool ToolChains { get; init; } = true;

    /// <summary>Limits.</summary>
    public CommandLimits Limits { get; init; } = new();

    /// <summary>Told of each piece of output as it arrives, from any thread, in order per stream, until the limit of output.</summary>
    public Action<CommandOutput>? OnOutput { get; init; }
}

/// <summary>A directory or file of the machine that a command sees.</summary>
/// <param name="Source">Absolute real path on this machine.</param>
/// <param name="Target">Absolute path that the command sees.</param>
/// <param name="Writable">Whether it may be changed.</param>
public sealed record CommandMount(string Source, string Target, bool Writable = false);

/// <summary>Limits of a command.</summary>
public sealed record CommandLimits
{
    /// <summary>Wall time. Default 30 s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory of each process, in bytes, where no group of processes can be limited. Default 4 GiB of data.</summary>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Bytes kept per stream: the first half and the last half of it; the rest is counted. Default 1 MiB.</summary>
    public int OutputBytes { get; init; } = 1 << 20;

    /// <summary>Bytes per stream after which the command is ended (<see cref="CommandEnd.OutputLimit"/>). Default 64 MiB.</summary>
    public long MostOutputBytes { get; init; } = 64L << 20;

    /// <summary>Most processes and threads. Default 512.</summary>
    public int Processes { get; init; } = 512;

    /// <summary>Largest file, in bytes. Default 2 GiB.</summary>
    public long FileBytes { get; init; } = 2L << 30;
}

/// <summary>A piece of output.</summary>
/// <param name="IsError">Whether it is of standard error.</param>
/// <param name="Bytes">The bytes; a character may be split between two pieces. Valid only during the call.</param>
public readonly record struct CommandOutput(bool IsError, ReadOnlyMemory<byte> Bytes);

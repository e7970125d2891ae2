namespace EdgeCoder.Executor.Running;

/// <summary>One program to be run in a sandbox of its own: what is started, what it is told, and when it is ended.</summary>
internal sealed record SandboxJob
{
    /// <summary>The program that makes the sandbox.</summary>
    public required string Launcher { get; init; }

    /// <summary>Its argument vector, its own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Files that the launcher reads from descriptors, from <see cref="Isolation.Bubblewrap.BubblewrapCommand.EntryDescriptor"/> on.</summary>
    public required IReadOnlyList<byte[]> Files { get; init; }

    /// <summary>The frame for the runner.</summary>
    public required byte[] Frame { get; init; }

    /// <summary>Key of the report channel.</summary>
    public required string Key { get; init; }

    /// <summary>Standard input; null means the null device.</summary>
    public byte[]? Stdin { get; init; }

    /// <summary>Wall time of the program, from the runner's start record.</summary>
    public required TimeSpan Wall { get; init; }

    /// <summary>Wall time of everything before that.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>Bytes kept of each stream.</summary>
    public required int OutputBytes { get; init; }
}

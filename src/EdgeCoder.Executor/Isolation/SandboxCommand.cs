namespace EdgeCoder.Executor.Isolation;

/// <summary>The program that makes a sandbox, and what it is told.</summary>
internal sealed record SandboxCommand
{
    /// <summary>Full path.</summary>
    public required string Launcher { get; init; }

    /// <summary>Its argument vector, its own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Sealed files in memory that it reads, from descriptor <see cref="FirstFileDescriptor"/> on.</summary>
    public required IReadOnlyList<byte[]> Files { get; init; }

    /// <summary>Whether the process that it tells is the program itself; otherwise the program is the only child of that one.</summary>
    public bool ProgramIsFirst { get; init; }

    /// <summary>Descriptor on which it tells, as JSON, the process id of the sandbox's first process: <c>{"child-pid": 1234}</c>.</summary>
    public const int InfoDescriptor = 5;

    /// <summary>Descriptor of the first of <see cref="Files"/>. Before it: standard input, output, error, the job, the report, the information.</summary>
    public const int FirstFileDescriptor = 6;
}

namespace EdgeCoder.Executor.Interpreters;

/// <summary>An interpreter of this machine: the real program, never a shim, and what of the file system it needs.</summary>
internal sealed record Interpreter
{
    /// <summary>Language it runs.</summary>
    public required SnippetLanguage Language { get; init; }

    /// <summary>Full path of the program, links resolved.</summary>
    public required string Path { get; init; }

    /// <summary>Its version, for instance <c>3.11.2</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Directories and files outside the system's library directories that it reads: its own file, its standard library.</summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>Length and time of change of the program's file: what tells a new version from the one that was looked at.</summary>
    public required string FileStamp { get; init; }
}

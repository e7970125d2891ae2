namespace EdgeCoder.Agent.TestCommands;

/// <summary>What runs a project's tests, as far as it decides how a report is asked for and a part is selected.</summary>
internal enum TestRunner
{
    /// <summary>Something whose exit code is all that is known.</summary>
    Other,

    /// <summary>pytest.</summary>
    Pytest,

    /// <summary>Python's unittest.</summary>
    Unittest,

    /// <summary>Node's own runner.</summary>
    Node,

    /// <summary><c>dotnet test</c>.</summary>
    Dotnet,

    /// <summary><c>go test</c>.</summary>
    Go,

    /// <summary><c>cargo test</c>.</summary>
    Cargo,

    /// <summary>Maven.</summary>
    Maven,

    /// <summary>Gradle.</summary>
    Gradle,
}

/// <summary>How a project's tests are run, and why that was chosen.</summary>
internal sealed record TestCommand
{
    /// <summary>Who runs them.</summary>
    public required TestRunner Runner { get; init; }

    /// <summary>Argument vector, as a person would type it; what asks for a report is added when it runs.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Why this one, for the question to the person: the file and what in it.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether a person or the caller named it, so that nothing was guessed.</summary>
    public bool Named { get; init; }

    /// <summary>As one line.</summary>
    public override string ToString() => CommandLine.Join(Arguments);
}

/// <summary>What was found.</summary>
/// <param name="Command">The command; null when there is none.</param>
/// <param name="Problem">Why there is none, for a person.</param>
internal sealed record TestDetection(TestCommand? Command, string? Problem);

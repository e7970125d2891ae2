namespace EdgeCoder.Executor;

/// <summary>State of a back-end or an interpreter on this machine.</summary>
public enum SandboxState
{
    /// <summary>It works: the self-test has passed.</summary>
    Available,

    /// <summary>It does not work here.</summary>
    Unavailable,

    /// <summary>It was written for this system and never tested there; its self-test has passed on this machine.</summary>
    Untested,

    /// <summary>It exists for another system, or not in this version.</summary>
    NotHere,
}

/// <summary>One back-end that was tried or considered.</summary>
public sealed record SandboxAttempt
{
    /// <summary>Name on the wire, for instance <c>namespaces</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>What makes it, for instance <c>bubblewrap 0.8.0</c>.</summary>
    public required string Mechanism { get; init; }

    /// <summary>Whether it works.</summary>
    public required SandboxState State { get; init; }

    /// <summary>The exact reason when it does not work, or what was proven when it does.</summary>
    public required string Reason { get; init; }

    /// <summary>The command or the change that would make it work; absent when nothing needs doing or nothing can be done.</summary>
    public string? Remedy { get; init; }
}

/// <summary>One interpreter, used or missing.</summary>
public sealed record InterpreterReport
{
    /// <summary>Language.</summary>
    public required SnippetLanguage Language { get; init; }

    /// <summary>Whether programs of the language can run.</summary>
    public required SandboxState State { get; init; }

    /// <summary>The real program, when there is one.</summary>
    public string? Path { get; init; }

    /// <summary>Its version, when there is one.</summary>
    public string? Version { get; init; }

    /// <summary>Why it cannot be used, or where it was found.</summary>
    public required string Reason { get; init; }

    /// <summary>What to do about it; absent when nothing.</summary>
    public string? Remedy { get; init; }
}

/// <summary>One thing that the self-test tried from inside, and what came of it.</summary>
/// <param name="Language">Language of the program that tried.</param>
/// <param name="Name">For instance <c>read outside</c>.</param>
/// <param name="Contained">Whether it failed, as it must.</param>
/// <param name="Detail">What the program or the host saw.</param>
public sealed record CanaryReport(SnippetLanguage Language, string Name, bool Contained, string Detail);

/// <summary>What isolation this machine has, for <c>doctor</c>.</summary>
public sealed record SandboxReport
{
    /// <summary>Name of the back-end in use; absent when none works.</summary>
    public string? Active { get; init; }

    /// <summary>All back-ends, in the order of preference.</summary>
    public required IReadOnlyList<SandboxAttempt> Attempts { get; init; }

    /// <summary>One for each language.</summary>
    public required IReadOnlyList<InterpreterReport> Interpreters { get; init; }

    /// <summary>The canaries of the self-test; empty when it was not run or its result was remembered.</summary>
    public required IReadOnlyList<CanaryReport> Canaries { get; init; }
}

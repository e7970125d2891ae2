using EdgeCoder.Executor.Interpreters;

namespace EdgeCoder.Executor.Isolation;

/// <summary>A way of isolating that this system may have.</summary>
internal sealed record BackEnd
{
    /// <summary>What tells it from the others here.</summary>
    public required string Key { get; init; }

    /// <summary>Its name on the wire.</summary>
    public required string Name { get; init; }

    /// <summary>What makes it, for people.</summary>
    public required string Mechanism { get; init; }

    /// <summary>Whether it was written for this system or processor without one at hand: it is used only where its self-test passes, and called untested.</summary>
    public bool Untested { get; init; }

    /// <summary>Puts the sandbox of an interpreter together, or says why this machine has none. Nothing is started but questions to tools.</summary>
    public required Func<Interpreter, CancellationToken, Task<(ISandbox? Sandbox, SandboxRefusal? Refusal)>> MakeAsync { get; init; }
}

using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Tools;

/// <summary>What a call came to, as the journal keeps it: a result, an error that the model can mend, or a refusal.</summary>
internal sealed record ToolOutcome
{
    /// <summary>What the model gets, before the cap on entry.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it is an error or a refusal.</summary>
    public bool Failed { get; init; }

    /// <summary>Whether a person or policy refused it.</summary>
    public bool Refused { get; init; }

    /// <summary>Whether the tool cut something.</summary>
    public bool Truncated { get; init; }

    /// <summary>What the tests said.</summary>
    public TestReport? Tests { get; init; }

    /// <summary>The sandbox that it ran in, of commands.</summary>
    public SandboxIdentity? Sandbox { get; init; }

    /// <summary>The save point after it, of a call that may change the worktree.</summary>
    public SavePoint? Saved { get; init; }

    /// <summary>Files whose content it shows.</summary>
    public IReadOnlyList<string> Shown { get; init; } = [];

    /// <summary>Class of the work after it; null when it is as before.</summary>
    public string? DataClass { get; init; }

    /// <summary>Rules that hold for the files it touched and were not known before.</summary>
    public IReadOnlyList<Contexts.RulesFile> Rules { get; init; } = [];
}

using System.Text.Json;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Tools;

/// <summary>How far a tool reaches.</summary>
public enum ToolAccess
{
    /// <summary>It looks.</summary>
    Read,

    /// <summary>It changes files of the worktree.</summary>
    Write,

    /// <summary>It runs programs in the sandbox.</summary>
    Execute,

    /// <summary>It talks to another machine.</summary>
    Network,
}

/// <summary>Something that the model may ask for.</summary>
internal interface ITool
{
    /// <summary>Its name; other names that models use for it.</summary>
    string Name { get; }

    /// <summary>Other names.</summary>
    IReadOnlyList<string> Aliases => [];

    /// <summary>What it does, for the model: one or two sentences.</summary>
    string Description { get; }

    /// <summary>JSON schema of its arguments: an object with <c>additionalProperties: false</c>. Calls are checked against it before anything else happens.</summary>
    JsonElement Schema { get; }

    /// <summary>How far it reaches at most.</summary>
    ToolAccess Access { get; }

    /// <summary>Whether a call may change the worktree, so that the tests are run once before the first one (agent-executor-models 2.8).</summary>
    bool Changes => Access != ToolAccess.Read;

    /// <summary>
    /// What a call is about to do, for approval and display; pure but for looking at the worktree. Throws <see cref="ToolException"/> when the call can
    /// only fail: a path that leaves, a denied file. That goes back to the model and nobody is asked.
    /// </summary>
    ToolAction Describe(JsonElement arguments);

    /// <summary>Does it. Throws <see cref="ToolException"/> for what the model can do better; never for a fault of the command it ran.</summary>
    Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken);
}

/// <summary>One call of a tool.</summary>
/// <param name="Id">Id within the session.</param>
/// <param name="Arguments">Arguments that passed the schema.</param>
/// <param name="Emit">Tells an event of the call while it runs: shell request, shell output, test report.</param>
internal sealed record ToolCall(string Id, JsonElement Arguments, Action<Protocol.Sessions.SessionEvent> Emit);

/// <summary>Exactly what a call is about to do; its hash is what an approval is for.</summary>
public sealed record ToolAction
{
    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>How far this call reaches.</summary>
    public required ToolAccess Access { get; init; }

    /// <summary>One line for a person, in the form <c>edit src/dates.py</c> or <c>run pytest -q</c>.</summary>
    public required string Summary { get; init; }

    /// <summary>Where this way of doing it comes from, for the person who is asked: why just this test command. Not part of the hash.</summary>
    public string? Because { get; init; }

    /// <summary>Files it is about to change or to read, relative to the root.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Argument vector of a command; a script is <c>["sh", "-c", text]</c>.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Whether it is a script for a shell: no prefix rule can match it unless the text is one simple command.</summary>
    public bool Script { get; init; }

    /// <summary>Host that it talks to; absent when none.</summary>
    public string? Host { get; init; }

    /// <summary>Canonical JSON of the arguments; part of the hash.</summary>
    public required string Arguments { get; init; }
}

/// <summary>What a tool gave.</summary>
internal sealed record ToolResult
{
    /// <summary>For the model, within the tool's cap; says itself what was cut.</summary>
    public required string Text { get; init; }

    /// <summary>Whether something was cut.</summary>
    public bool Truncated { get; init; }

    /// <summary>What the tests said, of <c>run_tests</c>.</summary>
    public TestReport? Tests { get; init; }

    /// <summary>The sandbox that it ran in, of commands.</summary>
    public SandboxIdentity? Sandbox { get; init; }

    /// <summary>Why nothing of this kind can run here now, so that going on would burn steps for nothing (agent-executor-models 1.6); null when it can.</summary>
    public string? Unavailable { get; init; }

    /// <summary>Files whose content the result shows: labels narrow the data class by them.</summary>
    public IReadOnlyList<string> Shown { get; init; } = [];
}

/// <summary>A call that failed in a way the model can mend: the message is its result and says how.</summary>
internal sealed class ToolException(string message) : Exception(message);

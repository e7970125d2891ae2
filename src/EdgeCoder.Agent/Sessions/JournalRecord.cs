using System.Text.Json.Serialization;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Sessions;

/// <summary>What one line of a session's journal says.</summary>
internal abstract record JournalRecord;

/// <summary>The first line: all that the session depends on.</summary>
internal sealed record BeginRecord : JournalRecord
{
    public required string SessionId { get; init; }

    public required long AtMs { get; init; }

    /// <summary>The task of a snippet session.</summary>
    public SnippetTask? Task { get; init; }

    /// <summary>The task of a repository session; its prompts are records of their own.</summary>
    public RepositoryTask? Repository { get; init; }

    /// <summary><see cref="Task"/>; throws for a session of another kind.</summary>
    [JsonIgnore]
    public SnippetTask Snippet => Task ?? throw new SessionStoreException(
        "session_kind", $"Session {SessionId} works in a repository.", "Go on with it inside the repository: `edgecoder chat --resume`.");

    public required ModelIdentity Model { get; init; }

    public required long Seed { get; init; }
}

/// <summary>A person's prompt. The steps after it belong to it, until its <see cref="EndRecord"/>.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">The words.</param>
/// <param name="AtMs">When, epoch milliseconds.</param>
/// <param name="FirstStep">Number of its first step. Steps of earlier prompts that were opened and never closed keep theirs.</param>
/// <param name="Seq">Position of the event that tells it.</param>
internal sealed record PromptRecord(int Number, string Text, long AtMs, int FirstStep, long Seq) : JournalRecord;

/// <summary>Somebody, or a rule, decided on a call. It is never reused: what was not done before a crash is asked for again.</summary>
internal sealed record DecisionRecord : JournalRecord
{
    public required string CallId { get; init; }

    public required string ActionHash { get; init; }

    /// <summary><c>once</c>, <c>session</c>, <c>always</c>, <c>denied</c> or <c>expired</c>.</summary>
    public required string Decision { get; init; }

    public required string By { get; init; }

    /// <summary>The rule in its JSON form that holds for the rest of the session; absent when none does.</summary>
    public string? SessionRule { get; init; }

    public required long AtMs { get; init; }
}

/// <summary>What a review did to the worktree or to the person's tree. Written after its effect, which is repeatable.</summary>
/// <param name="Kind"><c>select</c>, <c>undo</c>, <c>redo</c>, <c>apply</c>, <c>unapply</c> or <c>reapply</c>.</param>
/// <param name="Tree">The worktree's tree afterwards.</param>
internal sealed record ReviewRecord(string Kind, string Tree) : JournalRecord;

/// <summary>Kinds of steps. All but <see cref="Change"/> leave nothing behind when they are cut off: an open one is simply done again.</summary>
[JsonConverter(typeof(SnakeCaseEnum<StepKind>))]
internal enum StepKind
{
    /// <summary>A call of the model.</summary>
    Model,

    /// <summary>A run in the executor, whose scratch directory goes with it.</summary>
    Run,

    /// <summary>Something is looked up: repository map, rules, state of the tree.</summary>
    Look,

    /// <summary>A save point is taken.</summary>
    Save,

    /// <summary>A tool that reads.</summary>
    Read,

    /// <summary>A tool that may change the worktree; an open one is rolled back to <see cref="OpenRecord.Before"/> first.</summary>
    Change,
}

/// <summary>A step that is about to happen. Written before its effect.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Input">SHA-256 of what goes into it; a resumed session must arrive at the same.</param>
/// <param name="Before">The save point before it, of a change.</param>
/// <param name="Seq">Position of the last event told before it; absent in sessions of snippets.</param>
internal sealed record OpenRecord(int Step, StepKind Kind, string Input, SavePoint? Before = null, long? Seq = null) : JournalRecord;

/// <summary>A step that has happened, with what it gave.</summary>
internal sealed record CloseRecord : JournalRecord
{
    public required int Step { get; init; }

    /// <summary>Wall time of the step, in milliseconds.</summary>
    public required double TookMs { get; init; }

    /// <summary>Wall time of the session (of the prompt, in a repository) when the step closed, in milliseconds, pauses between processes not counted.</summary>
    public required double ElapsedMs { get; init; }

    /// <summary>What the model said.</summary>
    public ModelReply? Reply { get; init; }

    /// <summary>What the run gave.</summary>
    public RunResult? Run { get; init; }

    /// <summary>What was looked up.</summary>
    public string? Found { get; init; }

    /// <summary>The save point that was taken.</summary>
    public SavePoint? Saved { get; init; }

    /// <summary>What a tool gave.</summary>
    public ToolOutcome? Tool { get; init; }

    /// <summary>Position of the last event told within it; absent in sessions of snippets.</summary>
    public long? Seq { get; init; }
}

/// <summary>The session ended; in a repository, the prompt did.</summary>
internal sealed record EndRecord : JournalRecord
{
    /// <summary>Whether a resume goes on from here: the person stopped it, or the model or the sandbox was missing.</summary>
    public required bool Resumable { get; init; }

    /// <summary>The events that tell the end, the last one <c>done</c> with everything about the session.</summary>
    public required IReadOnlyList<EventLine> Events { get; init; }

    /// <summary>Whether the step that was cut off could not be rolled back; a resume does it before anything else.</summary>
    public bool Unrestored { get; init; }
}

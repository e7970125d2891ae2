using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Protocol.Sessions;

/// <summary>What a person said to the session; the first one is the request.</summary>
public sealed record PromptEvent : SessionEvent
{
    /// <summary>The words.</summary>
    public required string Content { get; init; }
}

/// <summary>The model asks for a tool. Its arguments have passed the tool's schema.</summary>
public sealed record ToolCallEvent : SessionEvent
{
    /// <summary>Id of the call within the session.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the tool.</summary>
    public required string Tool { get; init; }

    /// <summary>Its arguments.</summary>
    public required JsonElement Args { get; init; }

    /// <summary>One line for a person: what it is about to do.</summary>
    public required string Summary { get; init; }

    /// <summary>Whether a person must agree first.</summary>
    [JsonPropertyName("requires_approval")]
    public required bool RequiresApproval { get; init; }
}

/// <summary>A tool has answered.</summary>
public sealed record ToolResultEvent : SessionEvent
{
    /// <summary>Id of the call.</summary>
    public required string Id { get; init; }

    /// <summary>What the model gets; absent for an error.</summary>
    public string? Result { get; init; }

    /// <summary>Why it failed or was refused, as the model gets it.</summary>
    public string? Error { get; init; }

    /// <summary>Whether something was cut.</summary>
    public bool? Truncated { get; init; }
}

/// <summary>An approval was decided.</summary>
public sealed record ApprovalEvent : SessionEvent
{
    /// <summary>Id of the tool call.</summary>
    public required string Id { get; init; }

    /// <summary><c>once</c>, <c>session</c>, <c>always</c>, <c>denied</c> or <c>expired</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>Who decided: <c>person</c>, <c>policy</c>, <c>rule</c> or <c>nobody</c>.</summary>
    public required string By { get; init; }

    /// <summary>The rule that decided, where one did.</summary>
    public string? Rule { get; init; }
}

/// <summary>A command is about to run in the sandbox.</summary>
public sealed record ShellRequestEvent : SessionEvent
{
    /// <summary>Id of the tool call.</summary>
    public required string Id { get; init; }

    /// <summary>Argument vector.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Working directory, relative to the root.</summary>
    public required string Cwd { get; init; }

    /// <summary>Whether it may use the network.</summary>
    public required bool Network { get; init; }
}

/// <summary>A command has ended.</summary>
public sealed record ShellOutputEvent : SessionEvent
{
    /// <summary>Id of the tool call.</summary>
    public required string Id { get; init; }

    /// <summary>Standard output, head and tail.</summary>
    public required string Stdout { get; init; }

    /// <summary>Standard error, head and tail.</summary>
    public required string Stderr { get; init; }

    /// <summary>Exit code; 124 for the time limit, 137 for a kill.</summary>
    [JsonPropertyName("exit_code")]
    public required int ExitCode { get; init; }

    /// <summary>The limit that ended it: <c>time</c> or <c>output</c>; absent when none did.</summary>
    public string? Limits { get; init; }

    /// <summary>Wall time.</summary>
    public long DurationMs { get; init; }
}

/// <summary>A part of a change.</summary>
public sealed record DiffHunk
{
    /// <summary>First line in the old file, from 1; 0 when the old file has none.</summary>
    public required int OldStart { get; init; }

    /// <summary>Lines of the old file.</summary>
    public required int OldLines { get; init; }

    /// <summary>First line in the new file, from 1; 0 when the new file has none.</summary>
    public required int NewStart { get; init; }

    /// <summary>Lines of the new file.</summary>
    public required int NewLines { get; init; }

    /// <summary>The lines, each with its mark: space, <c>-</c>, <c>+</c>, or <c>\</c> for a missing line end.</summary>
    public required string Content { get; init; }
}

/// <summary>What happens to a file.</summary>
[JsonConverter(typeof(SnakeCaseEnum<FileChangeKind>))]
public enum FileChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>Its content or mode changes.</summary>
    Modified,

    /// <summary>It goes.</summary>
    Deleted,

    /// <summary>It moves, with or without a change of content.</summary>
    Renamed,
}

/// <summary>The change of one file, from the session's base to now; computed from the trees.</summary>
public sealed record DiffEvent : SessionEvent
{
    /// <summary>Id of the tool call that caused it; <c>review</c> for the whole change at the end.</summary>
    public required string Id { get; init; }

    /// <summary>The file, relative to the root.</summary>
    public required string File { get; init; }

    /// <summary>Where it was, of a renamed file.</summary>
    public string? OldFile { get; init; }

    /// <summary>What happens to it.</summary>
    public required FileChangeKind Kind { get; init; }

    /// <summary>Whether it is binary; then there are no hunks.</summary>
    public bool Binary { get; init; }

    /// <summary>Why a reviewer should look twice: it runs later by itself (hook, CI definition, editor task, package script). Absent for ordinary files.</summary>
    public string? Caution { get; init; }

    /// <summary>The parts.</summary>
    public required IReadOnlyList<DiffHunk> Hunks { get; init; }
}

/// <summary>A state of the work tree that undo can return to.</summary>
public sealed record SavePointEvent : SessionEvent
{
    /// <summary>Number within the session, from 0, the base.</summary>
    public required int Id { get; init; }

    /// <summary>Hash of the tree.</summary>
    public required string Tree { get; init; }

    /// <summary>What comes after it.</summary>
    public required string Label { get; init; }
}

/// <summary>The person's word on a change was carried out. It comes after <c>done</c>, belongs to no prompt and has <c>seq</c> 0.</summary>
public sealed record ReviewEvent : SessionEvent
{
    /// <summary><c>apply</c>, <c>reject</c>, <c>undo</c> or <c>redo</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Whether it was done.</summary>
    public required bool Done { get; init; }

    /// <summary>Files written or, where nothing was, files in conflict; relative to the root.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Message { get; init; }
}

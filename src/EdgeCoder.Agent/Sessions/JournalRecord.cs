using System.Text.Json.Serialization;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Snippets;
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

    public required SnippetTask Task { get; init; }

    public required ModelIdentity Model { get; init; }

    public required long Seed { get; init; }
}

/// <summary>Kinds of steps. Both leave nothing behind when they are cut off: an open one is simply done again.</summary>
[JsonConverter(typeof(SnakeCaseEnum<StepKind>))]
internal enum StepKind
{
    /// <summary>A call of the model.</summary>
    Model,

    /// <summary>A run in the executor, whose scratch directory goes with it.</summary>
    Run,
}

/// <summary>A step that is about to happen. Written before its effect.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Input">SHA-256 of what goes into it; a resumed session must arrive at the same.</param>
internal sealed record OpenRecord(int Step, StepKind Kind, string Input) : JournalRecord;

/// <summary>A step that has happened, with what it gave.</summary>
internal sealed record CloseRecord : JournalRecord
{
    public required int Step { get; init; }

    /// <summary>Wall time of the step, in milliseconds.</summary>
    public required double TookMs { get; init; }

    /// <summary>Wall time of the session when the step closed, in milliseconds, pauses between processes not counted.</summary>
    public required double ElapsedMs { get; init; }

    /// <summary>What the model said.</summary>
    public ModelReply? Reply { get; init; }

    /// <summary>What the run gave.</summary>
    public RunResult? Run { get; init; }
}

/// <summary>The session ended.</summary>
internal sealed record EndRecord : JournalRecord
{
    /// <summary>Whether a resume goes on from here: the person stopped it, or the model or the sandbox was missing.</summary>
    public required bool Resumable { get; init; }

    /// <summary>The events that tell the end, the last one <c>done</c> with everything about the session.</summary>
    public required IReadOnlyList<EventLine> Events { get; init; }
}

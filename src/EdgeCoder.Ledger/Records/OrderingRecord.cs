using System.Text.Json;

namespace EdgeCoder.Ledger.Records;

/// <summary>What a leaf of a coordinator's log says (economy-and-ledger 10), in the order of its sequence.</summary>
public sealed record OrderingRecord
{
    /// <summary>The version that is written and read here.</summary>
    public const int Version = 1;

    /// <summary><see cref="PrevHash"/> of the first record.</summary>
    public const string Genesis = "GENESIS";

    /// <summary>Version of the form; 1.</summary>
    public required int V { get; init; }

    /// <summary>Its id, a lower-case UUID.</summary>
    public required string Id { get; init; }

    /// <summary>What happened: <c>task_claim</c>, <c>receipt</c>, <c>credit_transfer</c> and others.</summary>
    public required string EventType { get; init; }

    /// <summary>The task, or <c>kind:id</c> of what it is about.</summary>
    public required string TaskId { get; init; }

    /// <summary>The sub-task, where it is about one.</summary>
    public string? SubtaskId { get; init; }

    /// <summary>Who did it: account, agent, operator or coordinator.</summary>
    public required string ActorId { get; init; }

    /// <summary>Place in the log, from 1 without gaps: its leaf has the index one below.</summary>
    public required long Sequence { get; init; }

    /// <summary>When, in milliseconds since 1970; never before the record before it.</summary>
    public required long IssuedAtMs { get; init; }

    /// <summary>Hash of the record before it, or <see cref="Genesis"/>.</summary>
    public required string PrevHash { get; init; }

    /// <summary>Whose log it is.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Size of a checkpoint that it names.</summary>
    public long? CheckpointHeight { get; init; }

    /// <summary>Hash of that checkpoint.</summary>
    public string? CheckpointHash { get; init; }

    /// <summary>More, an object; its members belong to the event type.</summary>
    public JsonElement? PayloadJson { get; init; }
}

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// An event that waits to become a leaf of the log (coordinator-and-mesh 11, economy-and-ledger 10); it goes in the transaction that appends the leaf. Ids only:
/// no e-mail, address or country.
/// </summary>
internal sealed class LogEventRow
{
    /// <summary>Order of insertion, given by the database. Readers take rows by being there, not by a cursor: two silos may commit out of order.</summary>
    public long Sequence { get; init; }

    /// <summary>One of <see cref="EdgeCoder.Ledger.Records.RecordTypes"/>.</summary>
    public required string EventType { get; init; }

    /// <summary>Task, or <c>kind:id</c> of what it is about.</summary>
    public required string TaskId { get; init; }

    /// <summary>Subtask; null for an event of the whole task.</summary>
    public string? SubtaskId { get; init; }

    /// <summary>Who caused it: an agent, account or coordinator, by id; <see cref="LogOutbox.Self"/> is this coordinator.</summary>
    public required string ActorId { get; init; }

    /// <summary>JSON of the event's own members.</summary>
    public string? PayloadJson { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary>Code why it never becomes a leaf; null unless the keeper found that.</summary>
    public string? Refused { get; init; }
}

namespace EdgeCoder.Coordinator.Log;

/// <summary>An event that waits to become a leaf of the log (coordinator-and-mesh 11, economy-and-ledger 10). Ids only: no e-mail, address or country.</summary>
internal sealed class LogEventRow
{
    /// <summary>Order of insertion, given by the database. Readers take rows by absence of a leaf, not by a cursor: two silos may commit out of order.</summary>
    public long Sequence { get; init; }

    /// <summary>task_enqueue, task_claim, verdict, ….</summary>
    public required string EventType { get; init; }

    /// <summary>Task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Subtask; null for an event of the whole task.</summary>
    public string? SubtaskId { get; init; }

    /// <summary>Who caused it: an agent, account or coordinator, by id.</summary>
    public required string ActorId { get; init; }

    /// <summary>JSON of the event's own members.</summary>
    public string? PayloadJson { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

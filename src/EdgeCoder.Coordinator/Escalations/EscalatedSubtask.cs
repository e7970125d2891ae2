using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>What the waterfall needs to know of a subtask, read afresh for every decision.</summary>
internal sealed record EscalatedSubtask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Who pays and may see it.</summary>
    public required string AccountId { get; init; }

    /// <summary>Where it may run.</summary>
    public required SharedDataClass DataClass { get; init; }

    /// <summary>Whether the submitter granted cloud review.</summary>
    public required bool AllowCloudReview { get; init; }

    /// <summary>State of the task.</summary>
    public required TaskState TaskState { get; init; }

    /// <summary>Kind of the subtask.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>State of the subtask.</summary>
    public required SubtaskState State { get; init; }

    /// <summary>Whether nothing can be changed any more.</summary>
    public bool TaskIsFinal => TaskState is TaskState.Completed or TaskState.Failed or TaskState.Cancelled;
}

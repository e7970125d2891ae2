using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>A subtask of a plan before it has an id: from the submitter, the inference role, or the task itself.</summary>
internal sealed record PlanItem
{
    /// <summary>The request.</summary>
    public required string Input { get; init; }

    /// <summary>Name by which others depend on it.</summary>
    public string? Key { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>Keys or indexes.</summary>
    public IReadOnlyList<SubtaskReference> DependsOn { get; init; } = [];

    /// <summary>Limit of each run.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Limit of the attempt.</summary>
    public required int AttemptTimeoutMs { get; init; }

    /// <summary>Steps and tokens.</summary>
    public AttemptLimits? Limits { get; init; }

    /// <summary>Attempts.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>Model.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>What decides.</summary>
    public AcceptanceCheck? Check { get; init; }
}

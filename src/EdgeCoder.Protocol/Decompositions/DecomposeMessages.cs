using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Protocol.Decompositions;

/// <summary>Body of <c>POST /decompose</c> (agent-executor-models 5): a coordinator asks the inference role for a plan.</summary>
public sealed record DecomposeRequest
{
    /// <summary>The task.</summary>
    public string? TaskId { get; init; }

    /// <summary>What the person asked for.</summary>
    public string? Prompt { get; init; }

    /// <summary>Snapshot of the task; a snippet has none.</summary>
    public string? SnapshotRef { get; init; }

    /// <summary>Language of items that name none. Default <c>python</c>.</summary>
    public string? Language { get; init; }

    /// <summary>Kind of every subtask. Default <see cref="SubtaskKind.MicroLoop"/>.</summary>
    public SubtaskKind? Kind { get; init; }

    /// <summary>Where the work may run. Default <see cref="SharedDataClass.Team"/>.</summary>
    public SharedDataClass? DataClass { get; init; }

    /// <summary>What decides the whole task; the subtask that completes the plan carries it.</summary>
    public AcceptanceCheck? AcceptanceCheck { get; init; }
}

/// <summary>Answer of <c>POST /decompose</c>.</summary>
public sealed record DecomposeAnswer
{
    /// <summary>The plan: 1 to <see cref="MostSubtasks"/>, dependencies without a cycle.</summary>
    public required IReadOnlyList<DecomposedSubtask> Subtasks { get; init; }

    /// <summary>Present when no plan came of the model and the only subtask is the prompt itself.</summary>
    public DecomposeFallback? Fallback { get; init; }

    /// <summary>Most subtasks of a plan.</summary>
    public const int MostSubtasks = 10;
}

/// <summary>One subtask of a plan.</summary>
public sealed record DecomposedSubtask
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; init; }

    /// <summary>The request of this part.</summary>
    public required string Input { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>Limit of each run: <see cref="SubtaskTimeout.Of"/>, or 30,000 for a fallback.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>The request's snapshot.</summary>
    public string? SnapshotRef { get; init; }

    /// <summary>0-based position.</summary>
    public required int SubtaskIndex { get; init; }

    /// <summary>0-based positions of those it waits for; absent when there are none.</summary>
    public IReadOnlyList<SubtaskReference>? DependsOn { get; init; }

    /// <summary>What decides it.</summary>
    public AcceptanceCheck? AcceptanceCheck { get; init; }
}

/// <summary>Why there is no plan.</summary>
/// <param name="Reason"><c>demonstration_model_cannot_plan</c>, <c>unusable_plan: …</c>, <c>model_unavailable</c>, <c>context_length_exceeded</c>.</param>
public sealed record DecomposeFallback(string Reason);

/// <summary>The limit of a planned subtask (agent-executor-models 5, coordinator-and-mesh 4.1).</summary>
public static class SubtaskTimeout
{
    /// <summary>Limit, in milliseconds, of the only subtask of a fallback.</summary>
    public const int FallbackMs = 30_000;

    /// <summary><c>min(5000 + 1000·⌊length/50⌋, 60000)</c> milliseconds; the length counts UTF-16 units.</summary>
    public static int Of(string input) => (int)Math.Min(5_000 + (1_000L * (input.Length / 50)), 60_000);
}

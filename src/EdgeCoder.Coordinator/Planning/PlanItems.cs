using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>Plans with every default filled in.</summary>
internal static class PlanItems
{
    /// <summary>The task itself as its only subtask; <paramref name="timeoutMs"/> when the plan came to nothing.</summary>
    public static PlanItem Single(string prompt, SubtaskKind kind, string language, AttemptLimits? limits, int maxAttempts, string? model, AcceptanceCheck? check, int? timeoutMs = null)
    {
        var timeout = timeoutMs ?? Timeout(prompt, check);
        return new()
        {
            Input = prompt,
            Kind = kind,
            Language = language,
            TimeoutMs = timeout,
            AttemptTimeoutMs = AttemptTimes.AttemptTimeoutMs(timeout),
            Limits = limits,
            MaxAttempts = maxAttempts,
            RequestedModel = model,
            Check = check,
        };
    }

    /// <summary>The subtasks that a submitter gave.</summary>
    public static IReadOnlyList<PlanItem> Given(TaskSubmission task) => [.. task.Subtasks!.Select(s => Given(task, s))];

    /// <summary>The subtasks of the inference role, for a stored task.</summary>
    public static IReadOnlyList<PlanItem> Decomposed(DecomposeAnswer answer, AttemptLimits? limits, int maxAttempts, string? model) =>
    [
        .. answer.Subtasks.OrderBy(s => s.SubtaskIndex).Select(s => new PlanItem
        {
            Input = s.Input,
            Key = s.SubtaskIndex.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Kind = s.Kind,
            Language = s.Language,
            DependsOn = s.DependsOn ?? [],
            TimeoutMs = Math.Clamp(s.TimeoutMs, 1000, 600_000),
            AttemptTimeoutMs = AttemptTimes.AttemptTimeoutMs(Math.Clamp(s.TimeoutMs, 1000, 600_000)),
            Limits = limits,
            MaxAttempts = maxAttempts,
            RequestedModel = model,
            Check = s.AcceptanceCheck,
        }),
    ];

    private static PlanItem Given(TaskSubmission task, SubtaskSubmission subtask)
    {
        var check = subtask.AcceptanceCheck ?? (task.Subtasks!.Count == 1 ? task.AcceptanceCheck : null);
        var timeout = subtask.TimeoutMs ?? Timeout(subtask.Prompt!, check);
        return new()
        {
            Input = subtask.Prompt!,
            Key = subtask.Key,
            Kind = subtask.Kind ?? task.Kind ?? SubtaskKind.MicroLoop,
            Language = subtask.Language ?? task.Language ?? "python",
            DependsOn = subtask.DependsOn ?? [],
            TimeoutMs = timeout,
            AttemptTimeoutMs = subtask.AttemptTimeoutMs ?? AttemptTimes.AttemptTimeoutMs(timeout),
            Limits = subtask.Limits ?? task.Limits,
            MaxAttempts = subtask.MaxAttempts ?? task.MaxAttempts ?? 3,
            RequestedModel = subtask.RequestedModel ?? task.RequestedModel,
            Check = check,
        };
    }

    // A run has the time of its own check; without one, by the length of what is asked.
    private static int Timeout(string input, AcceptanceCheck? check) => check is { TimeoutMs: var own } ? Math.Clamp(own, 1_000, 600_000) : AttemptTimes.TimeoutMs(input.Length);
}

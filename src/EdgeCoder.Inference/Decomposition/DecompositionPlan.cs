using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Inference.Decomposition;

/// <summary>Makes the answer of <c>/decompose</c> from parts.</summary>
internal static class DecompositionPlan
{
    /// <summary>
    /// The plan of these parts. The request's own check decides the whole, so the part that all others lead to carries it; where there is none, a last
    /// part that puts the others together is added. A check on any other part would refuse good work. Null when there is no room for that part.
    /// </summary>
    public static DecomposeAnswer? Of(DecomposeRequest request, string language, IReadOnlyList<PlannedPart> parts)
    {
        var all = parts.ToList();
        var last = all.Count == 1 ? 0 : Sink(all);
        if (request.AcceptanceCheck is not null && last is null)
        {
            if (all.Count == DecomposeAnswer.MostSubtasks)
            {
                return null;
            }

            all.Add(new($"Put the results above together into one complete program that does this task:\n{request.Prompt!.Trim()}", language, [.. Enumerable.Range(0, all.Count)]));
            last = all.Count - 1;
        }

        return new()
        {
            Subtasks = [.. all.Select((part, index) => Subtask(request, part, index, SubtaskTimeout.Of(part.Input)) with { AcceptanceCheck = index == last ? request.AcceptanceCheck : null })],
        };
    }

    /// <summary>The prompt itself as the only subtask.</summary>
    public static DecomposeAnswer Fallback(DecomposeRequest request, string language, string reason) => new()
    {
        Subtasks = [Subtask(request, new(request.Prompt!, language, []), 0, SubtaskTimeout.FallbackMs) with { AcceptanceCheck = request.AcceptanceCheck }],
        Fallback = new(reason),
    };

    /// <summary>The part that every other part leads to; null when there is none.</summary>
    private static int? Sink(IReadOnlyList<PlannedPart> parts)
    {
        var free = Enumerable.Range(0, parts.Count).Where(i => parts.All(part => !part.DependsOn.Contains(i))).ToList();

        // Without a cycle every part leads to one that nobody waits for; when that is one only, all lead to it.
        return free.Count == 1 ? free[0] : null;
    }

    private static DecomposedSubtask Subtask(DecomposeRequest request, PlannedPart part, int index, int timeoutMs) => new()
    {
        TaskId = request.TaskId!,
        Kind = request.Kind ?? SubtaskKind.MicroLoop,
        Input = part.Input,
        Language = part.Language,
        TimeoutMs = timeoutMs,
        SnapshotRef = request.SnapshotRef,
        SubtaskIndex = index,
        DependsOn = part.DependsOn.Count == 0 ? null : [.. part.DependsOn.Select(position => new SubtaskReference(null, position))],
    };
}

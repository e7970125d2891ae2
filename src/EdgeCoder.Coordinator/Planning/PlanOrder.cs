using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>Why a plan cannot be carried out.</summary>
internal enum PlanFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Subtasks wait for each other.</summary>
    DependencyCycle,

    /// <summary>A dependency names no subtask of the plan.</summary>
    UnknownDependency,
}

/// <summary>Resolves dependencies by key or 0-based index and refuses plans that could never end (coordinator-and-mesh 4.1). Pure.</summary>
internal static class PlanOrder
{
    /// <summary>Positions that each item waits for, ascending in the order given, without repeats; null with a fault.</summary>
    public static int[][]? Resolve(IReadOnlyList<PlanItem> plan, out PlanFault fault)
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Count; i++)
        {
            if (plan[i].Key is { } key)
            {
                keys.TryAdd(key, i);
            }
        }

        var resolved = new int[plan.Count][];
        for (var i = 0; i < plan.Count; i++)
        {
            var waitsFor = new List<int>();
            foreach (var reference in plan[i].DependsOn)
            {
                if (!Find(reference, keys, plan.Count, out var at))
                {
                    fault = PlanFault.UnknownDependency;
                    return null;
                }

                if (!waitsFor.Contains(at))
                {
                    waitsFor.Add(at);
                }
            }

            resolved[i] = [.. waitsFor];
        }

        fault = HasCycle(resolved) ? PlanFault.DependencyCycle : PlanFault.None;
        return fault is PlanFault.None ? resolved : null;
    }

    private static bool Find(SubtaskReference reference, Dictionary<string, int> keys, int count, out int at)
    {
        if (reference.Key is { } key)
        {
            return keys.TryGetValue(key, out at);
        }

        at = reference.Index;
        return at >= 0 && at < count;
    }

    // Takes away what waits for nothing until nothing is left (Kahn).
    private static bool HasCycle(int[][] waitsFor)
    {
        var left = waitsFor.Select(w => w.Length).ToArray();
        var dependents = new List<int>[waitsFor.Length];
        for (var i = 0; i < waitsFor.Length; i++)
        {
            foreach (var on in waitsFor[i])
            {
                (dependents[on] ??= []).Add(i);
            }
        }

        var free = new Queue<int>(Enumerable.Range(0, left.Length).Where(i => left[i] == 0));
        var done = 0;
        while (free.TryDequeue(out var next))
        {
            done++;
            foreach (var dependent in dependents[next] ?? [])
            {
                if (--left[dependent] == 0)
                {
                    free.Enqueue(dependent);
                }
            }
        }

        return done < waitsFor.Length;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>What very many agents that wait for work cost a coordinator, which runs in a process of its own.</summary>
internal static class IdleAgents
{
    private const int Count = 10_000;
    private const int WaitMs = 30_000;
    private const int Together = 64;
    private const int Tasks = 50;

    /// <summary>
    /// 1. A coordinator without agents. 2. All enrol and register, each on a connection of its own. 3. All pull, and the queue itself counts them as parked.
    /// 4. Its memory, while they stay parked. 5. Tasks that are submitted now reach one of them.
    /// </summary>
    public static async Task<Figure> MeasureAsync()
    {
        if (Descriptors() is { } most && most < Count + 500)
        {
            return Figure.Impossible($"A process may have {most} descriptors here, and {Count} connections need more: ulimit -n");
        }

        // 1.
        await using var coordinator = await CoordinatorProcess.StartAsync();
        await coordinator.AskAsync(new() { Collect = true });
        if (coordinator.Memory() is not { } alone)
        {
            return Figure.Impossible("The system does not tell the memory of a process.");
        }

        // 2.
        var agents = Enumerable.Range(0, Count).Select(n => new IdleAgent(coordinator, $"agent-{n}")).ToArray();
        var begun = Stopwatch.GetTimestamp();
        foreach (var some in agents.Chunk(1_000))
        {
            await coordinator.AskAsync(new() { Enrol = [.. some.Select(agent => new ChildEnrolment(agent.AgentId, agent.PublicKeyPem))] });
        }

        await Parallel.ForEachAsync(agents, new ParallelOptions { MaxDegreeOfParallelism = Together }, async (agent, _) => await agent.RegisterAsync());
        var registering = Stopwatch.GetElapsedTime(begun);

        // 3.
        using var end = new CancellationTokenSource();
        var arrived = new ConcurrentDictionary<string, TaskCompletionSource<long>>();
        begun = Stopwatch.GetTimestamp();
        var working = agents.Select(agent => Task.Run(() => agent.WorkAsync(WaitMs, work => arrived[work.Subtask!.TaskId].TrySetResult(Stopwatch.GetTimestamp()), end.Token))).ToArray();
        await AllParkedAsync(coordinator, working);
        var parking = Stopwatch.GetElapsedTime(begun);

        // 4. Counted before and after, so that the figure is of ten thousand and not of those who are left.
        ProcessMemory memory;
        do
        {
            await AllParkedAsync(coordinator, working);
            memory = coordinator.Memory()!;
        }
        while ((await coordinator.AskAsync(new())).Parked < Count);

        // 5.
        var waited = new List<double>();
        using var submitter = await LoadConnection.OpenAsync(coordinator.Url);
        for (var n = 0; n < Tasks; n++)
        {
            var arrival = arrived[$"idle-{n}"] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var sent = Stopwatch.GetTimestamp();
            await Lifecycle.SubmitAsync(submitter, coordinator.ApiKey, $"idle-{n}");
            waited.Add(Stopwatch.GetElapsedTime(sent, await arrival.Task.WaitAsync(TimeSpan.FromSeconds(30))).TotalMilliseconds);
        }

        var collected = await coordinator.AskAsync(new() { Collect = true });
        var least = coordinator.Memory()!;
        await end.CancelAsync();
        await Task.WhenAll(working);
        foreach (var agent in agents)
        {
            agent.Dispose();
        }

        return new(memory.Proportional / 1e6, new()
        {
            ["agents"] = Count,
            ["parked"] = Count,
            ["without_agents_mb"] = Round(alone.Proportional),
            ["resident_mb"] = Round(memory.Resident),
            ["bytes_per_agent"] = (memory.Proportional - alone.Proportional) / Count,
            ["after_collection_mb"] = Round(least.Proportional),
            ["bytes_per_agent_after_collection"] = (least.Proportional - alone.Proportional) / Count,
            ["heap_after_collection_mb"] = Round(collected.HeapBytes),
            ["locked_mb"] = Round(memory.Locked),
            ["mappings_without_agents"] = alone.Mappings,
            ["mappings"] = memory.Mappings,
            ["registering_s"] = Math.Round(registering.TotalSeconds, 1),
            ["parking_s"] = Math.Round(parking.TotalSeconds, 1),
            ["submit_to_arrival_p50_ms"] = Math.Round(waited.Median(), 1),
            ["submit_to_arrival_worst_ms"] = Math.Round(waited.Max(), 1),
        });
    }

    private static async Task AllParkedAsync(CoordinatorProcess coordinator, Task[] working)
    {
        while ((await coordinator.AskAsync(new())).Parked < Count)
        {
            // An agent only ends by a fault here.
            if (working.FirstOrDefault(task => task.IsCompleted) is { } ended)
            {
                await ended;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static double Round(long bytes) => Math.Round(bytes / 1e6, 1);

    // The runtime has raised the soft limit to the hard one; null where the system does not say.
    private static int? Descriptors() => File.Exists("/proc/self/limits")
        && File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [.., var soft, _, _]
        && int.TryParse(soft, out var limit) ? limit : null;
}

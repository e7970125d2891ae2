using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Queue;
using Orleans;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>
/// The other side of <see cref="CoordinatorProcess"/>: a coordinator alone in a process, so that memory and descriptors are its own and not the load
/// generator's. One JSON line for each order on standard input, one for each answer on standard output; the end of the input ends it.
/// </summary>
internal static class CoordinatorChild
{
    /// <summary>The verb that starts it; not for people.</summary>
    public const string Command = "coordinator-child";

    // Enrolments that wait together are committed together.
    private const int EnrolTogether = 64;

    /// <summary>Serves until the input ends.</summary>
    public static async Task<int> RunAsync()
    {
        await using var coordinator = await CoordinatorUnderLoad.StartAsync();
        Tell(new() { Url = coordinator.Url, PeerId = coordinator.PeerId, ApiKey = coordinator.ApiKey });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var order = JsonSerializer.Deserialize(line, ChildJson.Default.ChildOrder)!;
            if (order.Enrol is { } enrolments)
            {
                await Parallel.ForEachAsync(
                    enrolments, new ParallelOptions { MaxDegreeOfParallelism = EnrolTogether }, async (one, _) => await coordinator.EnrolAsync(one.AgentId, one.PublicKeyPem));
            }

            if (order.Collect)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }

            Tell(new()
            {
                Parked = await coordinator.Service<IGrainFactory>().GetGrain<IQueuePartitionGrain>(0).ParkedAsync(),
                HeapBytes = GC.GetTotalMemory(forceFullCollection: false),
            });
        }

        return 0;
    }

    private static void Tell(ChildAnswer answer)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(answer, ChildJson.Default.ChildAnswer));
        Console.Out.Flush();
    }
}

/// <summary>What the load generator asks of the child.</summary>
internal sealed record ChildOrder
{
    /// <summary>Agents to enrol and approve.</summary>
    public IReadOnlyList<ChildEnrolment>? Enrol { get; set; }

    /// <summary>Whether to collect garbage first, and give free memory back to the system.</summary>
    public bool Collect { get; set; }
}

/// <summary>An agent with its public key.</summary>
internal sealed record ChildEnrolment(string AgentId, string PublicKeyPem);

/// <summary>What the child answers. The first answer says where it listens, all later ones how it is.</summary>
internal sealed record ChildAnswer
{
    /// <summary>Where it listens.</summary>
    public Uri? Url { get; set; }

    /// <summary>Its name in signatures.</summary>
    public string? PeerId { get; set; }

    /// <summary>Submits.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Pulls that the queue itself counts as parked.</summary>
    public int Parked { get; set; }

    /// <summary>Bytes of objects.</summary>
    public long HeapBytes { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChildOrder))]
[JsonSerializable(typeof(ChildAnswer))]
internal sealed partial class ChildJson : JsonSerializerContext;

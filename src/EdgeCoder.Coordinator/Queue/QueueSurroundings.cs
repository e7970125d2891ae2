using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>What the queue asks of other parts of the coordinator.</summary>
internal sealed record QueueSurroundings
{
    /// <summary>This coordinator.</summary>
    public required string PeerId { get; init; }

    /// <summary>Signs leases.</summary>
    public required SigningKey Key { get; init; }

    /// <summary>Key bound to an agent; null when it is not enrolled here.</summary>
    public required Func<string, CancellationToken, ValueTask<VerifyingKey?>> AgentKey { get; init; }

    /// <summary>All agents that are enrolled here, as they are now.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<AgentFacts>>> Agents { get; init; }

    /// <summary>Whether an operator has paused the coordinator.</summary>
    public required Func<CancellationToken, ValueTask<bool>> Paused { get; init; }

    /// <summary>Audit window whose seed is committed (coordinator-and-mesh 5.3).</summary>
    public required Func<CancellationToken, ValueTask<string>> AuditWindow { get; init; }
}

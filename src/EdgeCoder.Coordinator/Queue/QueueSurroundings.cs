using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>What the queue asks of other parts of the coordinator.</summary>
internal sealed record QueueSurroundings
{
    /// <summary>This coordinator.</summary>
    public required string PeerId { get; init; }

    /// <summary>Gives the key that signs leases now.</summary>
    public required Func<SigningKey> Signer { get; init; }

    /// <summary>Signs leases.</summary>
    public SigningKey Key => Signer();

    /// <summary>32 bytes under which secrets of leases are kept; null: they follow from the key.</summary>
    public byte[]? LeaseSeed { get; init; }

    /// <summary>Key bound to an agent; null when it is not enrolled here.</summary>
    public required Func<string, CancellationToken, ValueTask<VerifyingKey?>> AgentKey { get; init; }

    /// <summary>All agents that are enrolled here, as they are now.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<AgentFacts>>> Agents { get; init; }

    /// <summary>Whether an operator has paused the coordinator.</summary>
    public required Func<CancellationToken, ValueTask<bool>> Paused { get; init; }

    /// <summary>Audit window whose seed is committed (coordinator-and-mesh 5.3).</summary>
    public required Func<CancellationToken, ValueTask<string>> AuditWindow { get; init; }

    /// <summary>What the draw of a window says about a result: window, lease, resultDigest, CV (coordinator-and-mesh 5.3).</summary>
    public required Func<string, string, string, int, AuditDrawing> Draw { get; init; }

    /// <summary>What the operator's account may owe for verifiers and auditors, in millicredits; without it nobody of another owner is asked.</summary>
    public long OpsOverdraftMc { get; init; } = 10_000_000;

    /// <summary>Whether an agent's state allows a lease, read in the transaction that grants it.</summary>
    public required Func<IStoreBatch, string, long, bool> MayLease { get; init; }

    /// <summary>A lease was granted to an agent.</summary>
    public Action<string> Assigned { get; init; } = _ => { };

    /// <summary>Something was found against an agent, and is committed.</summary>
    public Action<string> Suspected { get; init; } = _ => { };

    /// <summary>The coordinator's own parts.</summary>
    public static QueueSurroundings Of(IServiceProvider services)
    {
        var windows = services.GetRequiredService<AuditWindows>();
        var identity = services.GetRequiredService<CoordinatorIdentity>();
        var (keys, directory) = (services.GetRequiredService<IAgentKeys>(), services.GetRequiredService<AgentDirectory>());
        var (switches, sightings) = (services.GetRequiredService<CoordinatorSwitches>(), services.GetRequiredService<AgentSightings>());
        return new()
        {
            PeerId = identity.PeerId,
            Signer = () => identity.Key,
            LeaseSeed = identity.LeaseSeed,
            AgentKey = keys.FindAsync,
            Agents = directory.AllAsync,
            Paused = async stop => (await switches.PauseAsync(stop)).Paused,
            AuditWindow = windows.CurrentIdAsync,
            Draw = windows.Draw,
            MayLease = AgentStanding.MayLease,
            Assigned = sightings.Assigned,
            Suspected = services.GetRequiredService<BehaviourMarks>().Mark,
        };
    }
}

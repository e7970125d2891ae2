using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Power;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Agent.Workers;

/// <summary>What a worker is put together from.</summary>
public sealed record WorkerParts
{
    /// <summary>How it presents itself.</summary>
    public required WorkerSettings Settings { get; init; }

    /// <summary>Its keys; the caller owns them.</summary>
    public required WorkerKeys Keys { get; init; }

    /// <summary>What it remembers.</summary>
    public required WorkerState State { get; init; }

    /// <summary>Its signed reports.</summary>
    public required ResultOutbox Outbox { get; init; }

    /// <summary>Finds a coordinator, given what is known and the one in use.</summary>
    public required Func<CoordinatorPins, string?, CancellationToken, Task<FoundCoordinator>> FindAsync { get; init; }

    /// <summary>Makes a client.</summary>
    public required Func<FoundCoordinator, SigningKey, ICoordinator> Connect { get; init; }

    /// <summary>Proven models.</summary>
    public required IWorkerModels Models { get; init; }

    /// <summary>The proven sandbox.</summary>
    public required WorkerSandbox Sandbox { get; init; }

    /// <summary>Power readings; the caller owns it.</summary>
    public required PowerSampler Power { get; init; }

    /// <summary>Does the work.</summary>
    public required ISubtaskWork Work { get; init; }

    /// <summary>Waits after failures.</summary>
    public required BackOff BackOff { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Whoever watches; called by several threads.</summary>
    public Action<WorkerEvent> Tell { get; init; } = static _ => { };
}

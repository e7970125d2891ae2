using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// What many waiting subtasks have in common: everything that eligibility looks at except time and history. Subtasks of one shape wait in one line, so
/// that a pull looks at shapes and not at subtasks.
/// </summary>
[GenerateSerializer, Immutable]
internal sealed record SubtaskShape
{
    /// <summary>Who pays.</summary>
    [Id(0)] public required string AccountId { get; init; }

    /// <summary>Project.</summary>
    [Id(1)] public required string ProjectId { get; init; }

    /// <summary>Tenant.</summary>
    [Id(2)] public string? TenantId { get; init; }

    /// <summary>Where it may run.</summary>
    [Id(3)] public required SharedDataClass DataClass { get; init; }

    /// <summary>Whether an agent without a proven sandbox is excluded.</summary>
    [Id(4)] public required bool SandboxNeeded { get; init; }

    /// <summary>Model wished for.</summary>
    [Id(5)] public string? RequestedModel { get; init; }

    /// <summary>Whether only that model will do.</summary>
    [Id(6)] public required bool ModelRequired { get; init; }

    /// <summary>Whether timeoutMs is at most 10,000: what a machine low on battery may take.</summary>
    [Id(7)] public required bool Small { get; init; }

    /// <summary>0 to 100.</summary>
    [Id(8)] public required int Priority { get; init; }

    /// <summary>Price and machine.</summary>
    [Id(9)] public required ResourceClass ResourceClass { get; init; }

    /// <summary>What a lease is for.</summary>
    [Id(10)] public LeasePurpose Purpose { get; init; }

    /// <summary>Accounts whose machines may not take it: parties of what is verified or audited. Sorted, joined by LF; null without.</summary>
    [Id(11)] public string? Conflicts { get; init; }
}

/// <summary>A waiting subtask, as eligibility and rank see it.</summary>
[GenerateSerializer, Immutable]
internal sealed record SubtaskFacts
{
    /// <summary>The subtask; for a verify or audit lease the lease that is run again, behind its purpose.</summary>
    [Id(0)] public required string SubtaskId { get; init; }

    /// <summary>Its task.</summary>
    [Id(1)] public required string TaskId { get; init; }

    /// <summary>What it has in common with others.</summary>
    [Id(2)] public required SubtaskShape Shape { get; init; }

    /// <summary>When it was queued.</summary>
    [Id(3)] public required long QueuedAtMs { get; init; }

    /// <summary>Not leased before.</summary>
    [Id(4)] public long NotBeforeMs { get; init; }

    /// <summary>Agents that failed it.</summary>
    [Id(5)] public IReadOnlyList<string> FailedBy { get; init; } = [];

    /// <summary>Whether its check must still be tried on the untouched snapshot: nobody gets it until then.</summary>
    [Id(6)] public bool BaselineWaits { get; init; }

    /// <summary>What the draw says about the auditor, 64 bits: agents have it in their turn, beginning with the drawn one. Null: whoever asks first.</summary>
    [Id(7)] public long? Draw { get; init; }
}

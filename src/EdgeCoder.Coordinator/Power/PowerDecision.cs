using Orleans;

namespace EdgeCoder.Coordinator.Power;

/// <summary>What the power policy allows (coordinator-and-mesh 7).</summary>
/// <param name="CoordinatorWork">Whether leases of the coordinator are allowed.</param>
/// <param name="PeerWork">Whether direct work is allowed.</param>
/// <param name="Reason">Code of the row that matched.</param>
/// <param name="DeferMs">With <c>high_cpu_defer</c>: no lease now, ask again then.</param>
/// <param name="SmallTasksOnly">Only subtasks with timeoutMs of at most 10,000.</param>
[GenerateSerializer, Immutable]
internal readonly record struct PowerDecision([property: Id(0)] bool CoordinatorWork, [property: Id(1)] bool PeerWork, [property: Id(2)] string Reason, [property: Id(3)] int? DeferMs = null, [property: Id(4)] bool SmallTasksOnly = false);

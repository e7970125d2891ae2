namespace EdgeCoder.Protocol.Power;

/// <summary>What the power policy allows (coordinator-and-mesh 7).</summary>
/// <param name="CoordinatorWork">Whether leases of the coordinator are allowed.</param>
/// <param name="PeerWork">Whether direct work is allowed.</param>
/// <param name="Reason">Code of the row that matched.</param>
/// <param name="DeferMs">With <c>high_cpu_defer</c>: no lease now, ask again then.</param>
/// <param name="SmallTasksOnly">Only subtasks with timeoutMs of at most 10,000.</param>
public readonly record struct PowerDecision(bool CoordinatorWork, bool PeerWork, string Reason, int? DeferMs = null, bool SmallTasksOnly = false)
{
    /// <summary>Whether a lease of the coordinator may be asked for or granted now.</summary>
    public bool MayLease => CoordinatorWork && DeferMs is null;
}

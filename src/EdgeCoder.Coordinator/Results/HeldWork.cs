using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Results;

/// <summary>A lease with what its result is checked against.</summary>
internal sealed record HeldWork(
    string AgentId, string SubtaskId, string TaskId, int Partition, LeasePurpose Purpose, LeaseState State, long GrantedAtMs, long DeadlineMs, bool Sealed, byte[]? ExporterSecret, string? Enc,
    string? SnapshotDigest, string? CheckDigest, string AccountId, string OwnerAccountId, SubtaskKind Kind, string? SubjectLeaseId);

/// <summary>Work leases that this process has granted, so that their results read nothing. The update that takes a result decides whether its lease is live.</summary>
internal sealed class HeldWorkMemory
{
    // Some hundred bytes each.
    private const int Most = 32_768;

    private readonly Remembered<HeldWork> _held = new(Most);

    /// <summary>A lease is durable.</summary>
    public void Granted(LeaseRow lease, OrderMaterial work)
    {
        if (lease.Purpose is LeasePurpose.Work)
        {
            _held.Put(lease.LeaseId, new(
                lease.AgentId, lease.SubtaskId, lease.TaskId, lease.Partition, lease.Purpose, lease.State, lease.GrantedAtMs, lease.DeadlineMs, lease.Sealed, lease.ExporterSecret, lease.Enc,
                work.SnapshotDigest, work.CheckDigest, work.AccountId, lease.OwnerAccountId, work.Kind, lease.SubjectLeaseId));
        }
    }

    /// <summary>What was granted; null when it is not remembered.</summary>
    public HeldWork? Of(string leaseId) => _held.TryGet(leaseId, out var work) ? work : null;

    /// <summary>Its result was stored, or it ended otherwise.</summary>
    public void Ended(string leaseId) => _held.TryTake(leaseId, out _);
}

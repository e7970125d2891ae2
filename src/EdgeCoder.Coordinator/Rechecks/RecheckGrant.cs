using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Writes a verify or audit lease with its fee. The subtask stays what it is, save that a result under verification says so.</summary>
internal static class RecheckGrant
{
    /// <summary>Runs in the writer's transaction; throws <see cref="LeaseGrant.Refused"/> to undo what it began.</summary>
    public static GrantOutcome Run(IStoreBatch batch, PreparedLease prepared, QueueSurroundings surroundings, QueueChanges changes)
    {
        var lease = prepared.Row;

        // 1. The one conditional update that decides.
        if (batch.Execute(
            "UPDATE rechecks SET state = 'leased', lease_id = $1, agent_id = $2 WHERE recheck_id = $3 AND state = 'waiting' AND not_before_ms <= $4",
            lease.LeaseId, lease.AgentId, prepared.RecheckId, lease.GrantedAtMs) == 0)
        {
            return GrantOutcome.Gone;
        }

        // 2. Its fee, from the operator.
        var payer = RecheckCharges.Payer(surroundings.PeerId);
        if (!RecheckCharges.Hold(batch, lease.LeaseId, lease.TaskId, payer, surroundings.OpsOverdraftMc, prepared.RewardAccountId, lease.CapMc, lease.GrantedAtMs))
        {
            throw new LeaseGrant.Refused(GrantOutcome.Budget);
        }

        // 3. A result that waited for its verifier is being verified, by this lease alone.
        if (lease.Purpose is LeasePurpose.Verify)
        {
            if (batch.Execute("UPDATE results SET state = 'verifying', claimed_by = $1 WHERE lease_id = $2 AND state = 'reported'", lease.LeaseId, lease.SubjectLeaseId) == 0)
            {
                throw new LeaseGrant.Refused(GrantOutcome.Gone);
            }

            if (batch.Execute("UPDATE subtasks SET state = 'verifying', updated_at_ms = $1 WHERE subtask_id = $2 AND state = 'reported' AND lease_id = $3", lease.GrantedAtMs, lease.SubtaskId, lease.SubjectLeaseId) == 1)
            {
                var journal = new TaskJournal(batch, lease.TaskId, changes, lease.GrantedAtMs);
                journal.SubtaskState(lease.SubtaskId, "verifying");
                journal.Write();
            }
        }

        // 4. The lease. Submitters are not told: who audits what is nobody's business before the end.
        batch.Insert(lease);
        LogOutbox.Append(batch, RecordTypes.TaskClaim, lease.TaskId, lease.SubtaskId, lease.AgentId, null, lease.GrantedAtMs);
        return GrantOutcome.Granted;
    }
}

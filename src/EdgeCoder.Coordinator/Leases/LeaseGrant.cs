using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>What came of a try to lease.</summary>
internal enum GrantOutcome
{
    /// <summary>Durable.</summary>
    Granted,

    /// <summary>It does not wait any more, or waits for something.</summary>
    Gone,

    /// <summary>The agent has no slot left.</summary>
    NoSlot,

    /// <summary>The cap does not fit the reservation.</summary>
    Budget,

    /// <summary>It could not be sealed.</summary>
    Unsealed,

    /// <summary>The coordinator is paused.</summary>
    Paused,

    /// <summary>The agent's state has changed and forbids it.</summary>
    Barred,
}

/// <summary>Writes a lease: queued → leased, in one transaction with its cap, events and log entry. Two silos cannot both do it.</summary>
internal static class LeaseGrant
{
    /// <summary>Runs in the writer's transaction; throws <see cref="Refused"/> to undo what it began.</summary>
    public static GrantOutcome Run(IStoreBatch batch, PreparedLease prepared, int slots, QueueSurroundings surroundings, QueueChanges changes)
    {
        var lease = prepared.Row;

        // 1. The agent's slots and the switch, as the rows have them.
        var (live, pause) = batch.Query(
            "SELECT (SELECT COUNT(*) FROM leases WHERE agent_id = $1 AND state = 'live'), (SELECT value_json FROM coordinator_switches WHERE name = $2)",
            static row => (row.Number(0), row.TextOrNull(1)), lease.AgentId, CoordinatorSwitches.Pause)[0];
        if (live >= slots)
        {
            return GrantOutcome.NoSlot;
        }

        if (CoordinatorSwitches.IsPaused(pause))
        {
            return GrantOutcome.Paused;
        }

        if (!surroundings.MayLease(batch, lease.AgentId, lease.GrantedAtMs))
        {
            return GrantOutcome.Barred;
        }

        if (lease.Purpose is not LeasePurpose.Work)
        {
            return RecheckGrant.Run(batch, prepared, surroundings, changes);
        }

        // 2. The one conditional update that decides. The order was made of what was read or remembered before: attempts and input say whether that still holds.
        if (batch.Query(
            """
            UPDATE subtasks SET state = 'leased', lease_id = $1, updated_at_ms = $2
            WHERE subtask_id = $3 AND state = 'queued' AND baseline <> 'waiting' AND attempts = $4 AND input_hash = $5 AND not_before_ms <= $2
            RETURNING (SELECT t.state FROM tasks t WHERE t.task_id = subtasks.task_id)
            """,
            static row => row.Text(0), lease.LeaseId, lease.GrantedAtMs, lease.SubtaskId, prepared.Attempts, prepared.Assignment.Lease.InputHash) is not [var task])
        {
            return GrantOutcome.Gone;
        }

        // 3. Its price.
        if (!TaskCharges.Carve(batch, lease.TaskId, lease.LeaseId, lease.CapMc, prepared.RequesterAccountId, prepared.RewardAccountId, lease.GrantedAtMs))
        {
            throw new Refused(GrantOutcome.Budget);
        }

        // 4. The lease and what tells of it.
        batch.Insert(lease);
        var journal = new TaskJournal(batch, lease.TaskId, changes, lease.GrantedAtMs);
        var starts = task is "planned";
        if (starts)
        {
            journal.TaskState("running");
        }

        journal.SubtaskState(lease.SubtaskId, "leased");
        journal.Add("lease.granted", EventData.Of(("subtaskId", lease.SubtaskId), ("attempt", lease.Attempt), ("agent", AgentPseudonym.Of(lease.TaskId, lease.AgentId)), ("deadlineMs", lease.DeadlineMs)));
        journal.Write(starts);
        LogOutbox.Append(batch, RecordTypes.TaskClaim, lease.TaskId, lease.SubtaskId, lease.AgentId, null, lease.GrantedAtMs);
        return GrantOutcome.Granted;
    }

    /// <summary>Undoes the operation and says why.</summary>
    internal sealed class Refused(GrantOutcome outcome) : Exception
    {
        /// <summary>Why.</summary>
        public GrantOutcome Outcome { get; } = outcome;
    }
}

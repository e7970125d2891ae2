using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>How an audit ended.</summary>
internal enum AuditEnd
{
    /// <summary>The auditor agrees.</summary>
    Agreed,

    /// <summary>No auditor in time.</summary>
    Lapsed,

    /// <summary>The majority found otherwise.</summary>
    Overturned,
}

/// <summary>Ends audits (coordinator-and-mesh 5.3): an audited attempt is unpaid until then.</summary>
internal sealed class AuditEffects(AgentStanding standing, QueueOptions options)
{
    /// <summary>Ends one audit; false when it is not open.</summary>
    public bool Close(IStoreBatch batch, string leaseId, AuditEnd end, QueueChanges changes, long nowMs)
    {
        if (batch.Execute("DELETE FROM open_audits WHERE lease_id = $1", leaseId) == 0
            || batch.Execute("UPDATE results SET state = 'closed' WHERE lease_id = $1 AND state = 'audited'", leaseId) == 0
            || VerdictSubject.Find(batch, leaseId) is not { } subject)
        {
            return false;
        }

        var journal = new TaskJournal(batch, subject.TaskId, changes, nowMs);
        Settle(batch, leaseId, end, subject, changes, nowMs);
        if (end is AuditEnd.Overturned)
        {
            Overturn(batch, subject, leaseId, journal, changes, nowMs);
        }
        else
        {
            AttemptPay.Post(batch, subject, leaseId, verified: true, options, journal, changes, nowMs);
            if (end is AuditEnd.Agreed)
            {
                standing.Accepted(batch, subject.AgentId, nowMs);
            }
        }

        journal.Write();
        return true;
    }

    /// <summary>Ends the audits that found no auditor in time: their verdicts stand, they are paid, standing is as it was.</summary>
    public void Lapse(IStoreBatch batch, int partition, QueueChanges changes, long nowMs)
    {
        foreach (var leaseId in batch.Query("SELECT lease_id FROM open_audits WHERE lapses_at_ms <= $1 AND partition = $2 LIMIT 100", row => row.Text(0), nowMs, partition))
        {
            Close(batch, leaseId, AuditEnd.Lapsed, changes, nowMs);
        }
    }

    // Verifier and auditors whose verdict stands are paid, those outvoted begin anew; nobody is asked any more.
    private void Settle(IStoreBatch batch, string leaseId, AuditEnd end, VerdictSubject subject, QueueChanges changes, long nowMs)
    {
        foreach (var recheck in batch.Query(
            "SELECT recheck_id, state, lease_id, agent_id, kind FROM rechecks WHERE subject_lease_id = $1",
            row => (Id: row.Text(0), State: row.Enum<RecheckState>(1), Lease: row.TextOrNull(2), Agent: row.TextOrNull(3), Kind: row.TextOrNull(4)), leaseId))
        {
            if (recheck.State is RecheckState.Done && recheck is { Lease: { } judged, Agent: { } agent })
            {
                var stands = (recheck.Kind is "accepted") == (end is not AuditEnd.Overturned);
                RecheckCharges.Settle(batch, judged, stands, nowMs);
                if (!stands && end is not AuditEnd.Lapsed)
                {
                    standing.Outvoted(batch, agent, nowMs);
                }

                continue;
            }

            batch.Execute("UPDATE rechecks SET state = 'done' WHERE recheck_id = $1", recheck.Id);
            changes.Of(subject.Partition).Gone.Add(recheck.Id);
            if (recheck is { State: RecheckState.Leased, Lease: { } live })
            {
                AttemptEnds.EndLive(batch, live, AttemptEnd.Revoked, "audit_closed", changes, nowMs);
            }
        }
    }

    // A task that runs takes the subtask back; one that has ended is labelled and its submitter told.
    private void Overturn(IStoreBatch batch, VerdictSubject subject, string leaseId, TaskJournal journal, QueueChanges changes, long nowMs)
    {
        TaskCharges.Return(batch, leaseId, nowMs);
        AttemptReceipts.Write(batch, subject, leaseId, VerdictKind.Rejected, null, nowMs);
        changes.LeaseEnded(subject.Partition, leaseId, subject.TaskId);
        standing.Fault(batch, subject.AgentId, "audit_overturned", strike: true, nowMs);
        changes.Suspects.Add(subject.AgentId);
        journal.Add("audit.overturned", EventData.Of(("subtaskId", subject.SubtaskId)));
        if (subject.TaskEnded)
        {
            batch.Execute("UPDATE tasks SET audit_overturned = $1 WHERE task_id = $2", true, subject.TaskId);
            return;
        }

        foreach (var dependent in batch.Query(
            "SELECT lease_id FROM leases WHERE task_id = $1 AND state = 'live' AND purpose = 'work' AND subtask_id IN (SELECT subtask_id FROM subtasks WHERE task_id = $1 AND depends_on_json LIKE $2)",
            row => row.Text(0), subject.TaskId, $"%\"{subject.SubtaskId}\"%"))
        {
            AttemptEnds.EndLive(batch, dependent, AttemptEnd.Revoked, "audit_overturned", changes, nowMs);
        }

        foreach (var dependent in batch.Query(
            "UPDATE subtasks SET state = 'blocked', updated_at_ms = $1 WHERE task_id = $2 AND state = 'queued' AND depends_on_json LIKE $3 RETURNING subtask_id",
            row => row.Text(0), nowMs, subject.TaskId, $"%\"{subject.SubtaskId}\"%"))
        {
            // Its lease may have been given back a moment ago: it does not wait for all that.
            changes.Of(subject.Partition).Queued.RemoveAll(facts => facts.SubtaskId == dependent);
            changes.Of(subject.Partition).Gone.Add(dependent);
            journal.SubtaskState(dependent, "blocked", "audit_overturned");
        }

        AttemptEnds.Requeue(batch, subject.SubtaskId, subject.AgentId, "accepted", AttemptEnd.Rejected, "audit_overturned", subject.Output, journal, changes, nowMs);
    }
}

using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Agent.Workers;

/// <summary>Runs leases: each in a slot of its own, from the assignment to the stored report or the release.</summary>
internal sealed class LeaseRunner(WorkerParts parts, HeldLeases held, Teller tell, CancellationToken stop)
{
    /// <summary>Largest timeoutMs of work that a low battery allows (coordinator-and-mesh 7).</summary>
    public const int SmallTaskMs = 10_000;

    private static readonly TimeSpan Overtime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker that was told to stop tries to give a lease back.</summary>
    internal static readonly TimeSpan LastReleaseTime = TimeSpan.FromMilliseconds(1_200);

    /// <summary>Begins an attempt. An assignment that came before, or whose report is signed, begins nothing.</summary>
    public void Begin(Assignment assignment, ICoordinator coordinator, AgentPolicy policy, bool smallTasksOnly)
    {
        if (assignment.Lease is not { } lease || parts.Outbox.Knows(lease.LeaseId))
        {
            return;
        }

        var attempt = new HeldLease(lease, coordinator, stop);
        if (!held.TryAdd(attempt))
        {
            attempt.Dispose();
            return;
        }

        tell.Tell(WorkerEventTypes.Lease, $"Working on {lease.SubtaskId}, attempt {lease.Attempt}.", null, lease.LeaseId, lease.SubtaskId);
        _ = Task.Run(() => RunAsync(assignment, attempt, policy, smallTasksOnly), CancellationToken.None);
    }

    private async Task RunAsync(Assignment assignment, HeldLease attempt, AgentPolicy policy, bool smallTasksOnly)
    {
        try
        {
            if (await TryAsync(assignment, attempt, policy, smallTasksOnly).ConfigureAwait(false) is { } reason)
            {
                await ReleaseAsync(attempt, reason).ConfigureAwait(false);
            }
        }
        finally
        {
            held.Remove(attempt);
            attempt.Dispose();
        }
    }

    /// <summary>Works; gives the reason for which the lease goes back, or null when a report is stored or the lease is gone.</summary>
    private async Task<string?> TryAsync(Assignment assignment, HeldLease attempt, AgentPolicy policy, bool smallTasksOnly)
    {
        var lease = attempt.Lease;
        try
        {
            var (order, refusal) = OrderReading.Read(assignment, attempt.Coordinator, parts.Keys, policy);
            if (order is null)
            {
                return refusal;
            }

            if (smallTasksOnly && order.Subtask.TimeoutMs > SmallTaskMs)
            {
                return ReleaseReasons.Power;
            }

            var begun = parts.Time.GetTimestamp();
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(order.Subtask.AttemptTimeoutMs) + Overtime, parts.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, attempt.Token);
            var outcome = await parts.Work.RunAsync(order, step => Show(attempt, step), either.Token).ConfigureAwait(false);
            if (outcome is WorkOutcome.GivenBack back)
            {
                return back.Reason;
            }

            var done = (WorkOutcome.Done)outcome;
            var took = (long)parts.Time.GetElapsedTime(begun).TotalMilliseconds;
            parts.Outbox.Store(lease.LeaseId, () => ReportWriter.Write(parts.Outbox, parts.Keys, order, done, took, parts.Time.GetUtcNow().ToUnixTimeMilliseconds()));
            tell.Tell(WorkerEventTypes.Signed, done.Ok ? $"{lease.SubtaskId} is done; its result is signed." : $"{lease.SubtaskId} failed; the failure is signed.", done.Ok ? "ok" : done.EscalationReason ?? "failed", lease.LeaseId, lease.SubtaskId);
            return null;
        }
        catch (OperationCanceledException) when (attempt.Withdrawn is not null)
        {
            tell.Tell(WorkerEventTypes.LeaseEnded, $"{lease.SubtaskId} was taken back by the coordinator.", attempt.Withdrawn, lease.LeaseId, lease.SubtaskId);
            return null;
        }
        catch (OperationCanceledException)
        {
            return stop.IsCancellationRequested ? ReleaseReasons.Stopping : ReleaseReasons.Fault;
        }
        catch (Exception fault)
        {
            // A fault of this program must not end the worker, and its words may hold some of the work.
            tell.Tell(WorkerEventTypes.Notice, $"{lease.SubtaskId} met a fault of this program: {fault.GetType().Name}.", "agent_fault", lease.LeaseId, lease.SubtaskId);
            return ReleaseReasons.Fault;
        }
    }

    private async Task ReleaseAsync(HeldLease attempt, string reason)
    {
        if (attempt.Withdrawn is not null)
        {
            return;
        }

        tell.Tell(WorkerEventTypes.LeaseEnded, $"{attempt.Lease.SubtaskId} is given back: {reason}.", reason, attempt.Lease.LeaseId, attempt.Lease.SubtaskId);
        using var limit = new CancellationTokenSource(stop.IsCancellationRequested ? LastReleaseTime : ReleaseTime, parts.Time);
        try
        {
            await attempt.Coordinator.ReleaseAsync(attempt.Lease.LeaseId, reason, limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is CoordinatorFault or OperationCanceledException)
        {
            // A lease that nobody lists ends by itself.
        }
    }

    private void Show(HeldLease attempt, WorkStep step)
    {
        attempt.Step = step;
        tell.Tell(WorkerEventTypes.Progress, $"{attempt.Lease.SubtaskId}: {step.Message.Replace('_', ' ')}", step.Message, attempt.Lease.LeaseId, attempt.Lease.SubtaskId);
    }
}

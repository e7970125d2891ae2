using System.Runtime.ExceptionServices;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Silo;
using EdgeCoder.Protocol.Leases;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Queue;

internal sealed partial class TaskQueue
{
    /// <inheritdoc/>
    public async Task<PullAnswer> PullAsync(AgentFacts agent, PullRequest request, CancellationToken cancellationToken)
    {
        // 1. State and power answer at once.
        if (PullAnswers.Refused(agent) is { } refused)
        {
            return refused;
        }

        var start = time.GetTimestamp();
        var waitMs = Math.Clamp(request.WaitMs ?? 0, 0, 30_000);
        while (true)
        {
            // 2. Work that is there.
            var (leased, why) = await LeaseAsync(agent, Math.Clamp(request.MaxSubtasks ?? 1, 1, 64), cancellationToken);
            if (leased.Count > 0)
            {
                return PullAnswers.Work(leased, request.MaxSubtasks is not null);
            }

            // 3. Or wait until there may be.
            var left = waitMs - (int)time.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0)
            {
                return why;
            }

            var end = await grains.GetGrain<IAgentSessionGrain>(agent.AgentId).WaitAsync(agent, left);
            if (end is not ParkEnd.Work)
            {
                return end is ParkEnd.TimedOut ? why : PullAnswers.Ended(end);
            }

            if (cancellationToken.IsCancellationRequested)
            {
                // Nobody reads this answer: the work goes to another parked pull.
                for (var i = 0; i < options.Partitions; i++)
                {
                    _ = grains.GetGrain<IQueuePartitionGrain>(i).MatchAsync();
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<(List<Assignment> Leased, PullAnswer Why)> LeaseAsync(AgentFacts agent, int most, CancellationToken cancellationToken)
    {
        var leased = new List<Assignment>();
        var answer = new PullAnswer();
        Exception? unreached = null;
        var first = options.Partitions == 1 ? 0 : (int)((uint)agent.AgentId.GetHashCode(StringComparison.Ordinal) % (uint)options.Partitions);
        for (var i = 0; i < options.Partitions && leased.Count < most; i++)
        {
            try
            {
                var why = await LeaseOfAsync(grains.GetGrain<IQueuePartitionGrain>((first + i) % options.Partitions), agent, most - leased.Count, leased, cancellationToken);
                answer = answer.Reason is null ? why : answer;
            }
            catch (Exception fault) when (SiloFaults.IsUnavailable(fault))
            {
                // A silo has died and this partition is moving: the others go on, and what they leased reaches the agent.
                unreached = fault;
            }
        }

        if (leased.Count == 0 && unreached is not null)
        {
            ExceptionDispatchInfo.Throw(unreached);
        }

        return (leased, answer);
    }

    private async Task<PullAnswer> LeaseOfAsync(IQueuePartitionGrain partition, AgentFacts agent, int most, List<Assignment> leased, CancellationToken cancellationToken)
    {
        var live = options.Partitions == 1 ? -1 : await LiveAsync(agent.AgentId, cancellationToken);
        var take = await partition.TakeAsync(agent, most, live);
        if (take.Superseded)
        {
            await grains.GetGrain<IAgentSessionGrain>(agent.AgentId).EndAsync(ParkEnd.Superseded);
        }

        // Each is signed and sealed first, then all are handed in at once: they share a commit.
        var why = PullAnswers.Nothing(take);
        var tries = new List<(LeasePick Pick, PreparedLease? Prepared, OrderMaterial? Work, GrantOutcome Outcome)>(take.Picks.Count);
        var written = 0;
        try
        {
            foreach (var pick in take.Picks)
            {
                tries.Add(await PrepareAsync(agent, pick, cancellationToken));
            }

            var grants = tries.ConvertAll(made => GrantAsync(partition, agent, made.Pick, made.Prepared, made.Work, made.Outcome));
            written = grants.Count;
            await ((Task)Task.WhenAll(grants)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

            // Those that are durable reach the agent, whatever became of the others.
            foreach (var grant in grants.OrderByDescending(grant => grant.IsCompletedSuccessfully))
            {
                var (assignment, outcome) = await grant;
                if (assignment is not null)
                {
                    leased.Add(assignment);
                }
                else
                {
                    why = PullAnswers.NotGranted(outcome);
                }
            }
        }
        finally
        {
            // What was not even tried goes back.
            foreach (var pick in take.Picks.Skip(written))
            {
                await effects.TellAsync(partition, grain => grain.GivenBackAsync(pick.Subtask.SubtaskId, GrantOutcome.Gone));
            }
        }

        return why;
    }

    private async Task<(LeasePick Pick, PreparedLease? Prepared, OrderMaterial? Work, GrantOutcome Outcome)> PrepareAsync(AgentFacts agent, LeasePick pick, CancellationToken cancellationToken)
    {
        if (await orders.ReadAsync(pick.Subtask.SubtaskId, cancellationToken) is not { } work)
        {
            return (pick, null, null, GrantOutcome.Gone);
        }

        var window = await surroundings.AuditWindow(cancellationToken);
        var leaseId = LeaseDocuments.NewId();
        var blobs = agent.EnvelopeKey is null ? [] : await sealedBlobs.OfAsync(leaseId, work, cancellationToken);
        return (pick, LeaseDocuments.Prepare(leaseId, work, blobs, agent, pick.LoadBps, window, surroundings, secrets, NowMs), work, GrantOutcome.Unsealed);
    }

    // Writes one lease; the partition hears what came of it, whatever happens.
    private async Task<(Assignment? Assignment, GrantOutcome Outcome)> GrantAsync(IQueuePartitionGrain partition, AgentFacts agent, LeasePick pick, PreparedLease? prepared, OrderMaterial? work, GrantOutcome outcome)
    {
        try
        {
            if (prepared is null || work is null)
            {
                return (null, outcome);
            }

            outcome = GrantOutcome.Gone;
            var slots = Math.Min(agent.DeclaredSlots, agent.Policy.MaxConcurrentTasks);
            QueueChanges changes;
            (outcome, changes) = await writer.WriteAsync(
                batch =>
                {
                    var made = new QueueChanges();
                    return (LeaseGrant.Run(batch, prepared, slots, surroundings, made), made);
                },
                CancellationToken.None);
            if (outcome is not GrantOutcome.Granted)
            {
                return (null, outcome);
            }

            held.Granted(prepared.Row, work);
            var row = prepared.Row;
            LeaseCard card = new(row.LeaseId, pick.Subtask.SubtaskId, row.AgentId, row.ProjectId, row.Purpose is LeasePurpose.Work ? pick.Subtask.Shape.TenantId : null, row.GrantedAtMs, row.DeadlineMs);
            await effects.TellAsync(partition, grain => grain.GrantedAsync(card));
            signals.Tell(changes);
            surroundings.Assigned(agent.AgentId);
            return (prepared.Assignment, outcome);
        }
        catch (LeaseGrant.Refused refused)
        {
            return (null, outcome = refused.Outcome);
        }
        finally
        {
            if (outcome is not GrantOutcome.Granted)
            {
                await effects.TellAsync(partition, grain => grain.GivenBackAsync(pick.Subtask.SubtaskId, outcome));
            }
        }
    }

    private async Task<int> LiveAsync(string agentId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Set<LeaseRow>().CountAsync(l => l.AgentId == agentId && l.State == LeaseState.Live, cancellationToken);
    }
}

using System.Security.Cryptography;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <inheritdoc cref="ITaskQueue"/>
internal sealed partial class TaskQueue(
    IStoreWriter writer,
    IDbContextFactory<CoordinatorContext> contexts,
    IGrainFactory grains,
    QueueOptions options,
    QueueSurroundings surroundings,
    QueueSignals signals,
    SealedBlobs sealedBlobs,
    QueueEffects effects,
    ResultIntake intake,
    VerdictEffects verdicts,
    LeaseSecrets secrets,
    TaskInputs inputs,
    OrderReader orders,
    HeldWorkMemory held,
    QueueClock time) : ITaskQueue
{
    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public async Task<TaskAccepted> SubmitAsync(TaskSubmission submission, ReadOnlyMemory<byte> body, Caller caller, TimeSpan wait, CancellationToken cancellationToken)
    {
        // 1. Rules, account and plan; nothing is written for what is refused.
        var canonical = CanonicalJson.TryWrite(body.Span) ?? throw new Refusal(400, "invalid_json", "The body is not JSON of the kind that can be signed: a number is out of range or a member is repeated.");
        var draft = TaskDraft.Of(submission, Convert.ToHexStringLower(SHA256.HashData(canonical)), caller, options, NowMs);

        // 2. The snapshot's bytes, where they are a blob already.
        await inputs.ResolveAsync(draft.Task, submission, cancellationToken);
        var subtasks = draft.Plan is { } plan && draft.Task.State is TaskState.Planned ? SubtaskRows.Of(draft.Task, plan, draft.WaitsFor!, draft.Task.CreatedAtMs) : [];

        var blobs = TaskInputs.Named(draft.Task, submission);

        // 3. Task, reservation, subtasks, events: all or nothing.
        var (accepted, changes) = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                return (TaskStart.Run(batch, draft.Task, subtasks, blobs, SubmitterAccount.ForOthers(caller), options.Gate, made), made);
            },
            cancellationToken);
        if (changes.Partitions.Count > 0)
        {
            orders.Stored(draft.Task, subtasks);
        }

        await effects.ApplyAsync(changes);

        // 4. A plan that others make may be waited for.
        return accepted.State is TaskState.Submitted && wait > TimeSpan.Zero ? await PlannedAsync(accepted, wait, cancellationToken) : accepted;
    }

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<LeaseStanding> Leases, int Requeued)> ExtendAsync(string agentId, IReadOnlyList<HeldLease> leases, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var (answer, changes) = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                return (LeaseKeeper.Extend(batch, agentId, leases, made, nowMs), made);
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
        return answer;
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(string agentId, string leaseId, string reason, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        await ChangeAsync(
            (batch, made) =>
            {
                if (batch.Query("SELECT 1 FROM leases WHERE lease_id = $1 AND agent_id = $2 AND state = 'live' AND deadline_ms > $3", row => row.Number(0), leaseId, agentId, nowMs).Count == 0)
                {
                    throw new Refusal(409, "lease_not_held", "This agent does not hold that lease now. Nothing is to be released.") { Reason = "unknown" };
                }

                return AttemptEnds.EndLive(batch, leaseId, AttemptEnd.Released, reason, made, nowMs);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ResultAnswer> ReportAsync(string agentId, ResultReport report, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => intake.ReportAsync(agentId, report, cancellationToken);

    /// <inheritdoc/>
    public async Task AgentChangedAsync(string agentId, bool revokeLeases, string reason, CancellationToken cancellationToken)
    {
        if (revokeLeases)
        {
            var nowMs = NowMs;
            await ChangeAsync(
                (batch, made) =>
                {
                    LeaseKeeper.RevokeAll(batch, agentId, reason, made, nowMs);
                    return true;
                },
                cancellationToken);
        }

        await grains.GetGrain<IAgentSessionGrain>(agentId).EndAsync(ParkEnd.Changed);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(string taskId, string reason, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        await ChangeAsync(
            (batch, made) =>
            {
                if (TaskEnds.Finish(batch, taskId, "cancelled", reason, made, nowMs))
                {
                    return true;
                }

                // Cancelling twice is fine; cancelling what has ended otherwise is not.
                return batch.Query("SELECT state FROM tasks WHERE task_id = $1", row => row.Text(0), taskId) switch
                {
                    ["cancelled"] => false,
                    [] => throw TaskReads.NotFound(),
                    _ => throw new Refusal(409, "task_already_final", "The task has ended. Its result is at GET /tasks/{id}/result."),
                };
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task FailAsync(string taskId, string reason, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return ChangeAsync((batch, made) => TaskEnds.Finish(batch, taskId, "failed", reason, made, nowMs), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ResumeEscalatedAsync(string subtaskId, string? context, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        return ChangeAsync((batch, made) => EscalatedWork.Resume(batch, subtaskId, context, made, nowMs), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task OfferCandidateAsync(string subtaskId, string output, string source, CancellationToken cancellationToken)
    {
        var (window, nowMs) = (await surroundings.AuditWindow(cancellationToken), NowMs);
        await ChangeAsync((batch, made) => EscalatedWork.Offer(batch, subtaskId, output, source, window, surroundings, made, nowMs), cancellationToken);
    }

    private async Task<T> ChangeAsync<T>(Func<IStoreBatch, QueueChanges, T> change, CancellationToken cancellationToken)
    {
        var (result, changes) = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                return (change(batch, made), made);
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
        return result;
    }

    private async Task<TaskAccepted> PlannedAsync(TaskAccepted accepted, TimeSpan wait, CancellationToken cancellationToken)
    {
        var until = time.GetTimestamp();
        using var listening = signals.Listen(accepted.TaskId);
        while (true)
        {
            var next = listening.Next;
            var now = await TaskReads.AcceptedAsync(contexts, accepted.TaskId, cancellationToken);
            var left = wait - time.GetElapsedTime(until);
            if (now.State is not TaskState.Submitted || left <= TimeSpan.Zero)
            {
                return now;
            }

            await Pulse.WaitAsync(next, left < QueueSignals.LookAgain ? left : QueueSignals.LookAgain, time, cancellationToken);
        }
    }
}

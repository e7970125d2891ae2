using System.Text.Json;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>
/// Turns submitted tasks into subtasks (coordinator-and-mesh 4.1). A task is claimed by a conditional update that lapses, so a restart loses none and two
/// silos do not plan one twice; the plan itself is stored only while the task is still <c>submitted</c>.
/// </summary>
internal sealed partial class TaskPlanner(
    IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, IPlanner planner, SnapshotFetch snapshots, QueueSignals signals, QueueEffects effects, QueueClock time, ILogger<TaskPlanner> logger) : BackgroundService
{
    /// <summary>How long an inference service may be down before the task fails.</summary>
    public const long PatienceMs = 600_000;

    private const string Unavailable = "inference_service_unavailable";
    private const long ClaimMs = 150_000;
    private const int AtATime = 4;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Plans one task that is due; false when none is.</summary>
    public async Task<bool> PlanNextAsync(CancellationToken cancellationToken)
    {
        // 1. Claim.
        var nowMs = NowMs;
        var claimed = await writer.WriteAsync(
            batch => batch.Query(
                """
                UPDATE tasks SET plan_not_before_ms = $1, plan_tries = plan_tries + 1 WHERE task_id =
                    (SELECT task_id FROM tasks WHERE state = 'submitted' AND plan_not_before_ms <= $2 ORDER BY plan_not_before_ms, created_at_ms LIMIT 1)
                AND state = 'submitted' AND plan_not_before_ms <= $2 RETURNING task_id
                """,
                row => row.Text(0), nowMs + ClaimMs, nowMs).FirstOrDefault(),
            cancellationToken);
        if (claimed is null)
        {
            return false;
        }

        TaskRow task;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            task = await context.Set<TaskRow>().FirstAsync(t => t.TaskId == claimed, cancellationToken);
        }

        // 2. Its snapshot first: without it there is nothing to plan.
        if (task.SnapshotRef is not null && task.SnapshotDigest is null)
        {
            try
            {
                await FetchAsync(task, cancellationToken);
            }
            catch (SnapshotFault fault)
            {
                await FailAsync(task, fault.Code, cancellationToken);
                return true;
            }
        }

        // 3. Ask, without holding anything.
        IReadOnlyList<PlanItem> plan;
        try
        {
            plan = await MakeAsync(task, cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            await PutOffAsync(task, cancellationToken);
            return true;
        }

        // 4. Store, if the task still waits for it.
        await StoreAsync(task, plan, cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => RunAsync(stoppingToken)));

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var next = signals.Planning.Next;
            try
            {
                if (await PlanNextAsync(stoppingToken))
                {
                    continue;
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(fault);
            }

            await Pulse.WaitAsync(next, QueueSignals.LookAgain, time, stoppingToken);
        }
    }

    private async Task FetchAsync(TaskRow task, CancellationToken cancellationToken)
    {
        var (digest, length) = await snapshots.FetchAsync(task.SnapshotUrl ?? task.SnapshotRef!, task.SnapshotSha256, cancellationToken);
        var nowMs = NowMs;
        await writer.WriteAsync(
            batch =>
            {
                BlobRecords.Hold(batch, digest, length, BlobRecords.Account(task.AccountId), nowMs);
                return batch.Execute("UPDATE tasks SET snapshot_digest = $1, waiting_for = NULL WHERE task_id = $2 AND state = 'submitted'", digest, task.TaskId);
            },
            cancellationToken);
        task.SnapshotDigest = digest;
    }

    private async Task FailAsync(TaskRow task, string code, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var changes = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                TaskEnds.Finish(batch, task.TaskId, "failed", code, made, nowMs);
                return made;
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
    }

    // A plan that cannot be carried out is asked for once more, then the task is one subtask.
    private async Task<IReadOnlyList<PlanItem>> MakeAsync(TaskRow task, CancellationToken cancellationToken)
    {
        if (task.SubmissionJson is { } given)
        {
            return PlanItems.Given(JsonSerializer.Deserialize(given, MeshJson.Default.TaskSubmission)!);
        }

        var (limits, check) = (AttemptLimitsJson.Read(task.LimitsJson), FrozenCheck.Read(task.CheckJson));
        if (task.Plan is TaskPlan.Auto)
        {
            var request = new DecomposeRequest
            {
                TaskId = task.TaskId, Prompt = task.Prompt, SnapshotRef = task.SnapshotDigest is { } digest ? "sha256:" + digest : task.SnapshotRef, Language = task.Language, Kind = task.Kind, DataClass = task.DataClass, AcceptanceCheck = check,
            };
            for (var ask = 0; ask < 2; ask++)
            {
                var answer = await planner.DecomposeAsync(request, cancellationToken);
                if (answer.Subtasks is not { Count: >= 1 and <= DecomposeAnswer.MostSubtasks } || answer.Subtasks.Any(s => string.IsNullOrEmpty(s.Input)))
                {
                    continue;
                }

                if (answer.Subtasks.Count == 1)
                {
                    // One subtask decides the whole task, so the task's own check decides it.
                    return [PlanItems.Decomposed(answer, limits, task.MaxAttempts, task.RequestedModel)[0] with { DependsOn = [], Check = answer.Subtasks[0].AcceptanceCheck ?? check }];
                }

                var plan = PlanItems.Decomposed(answer, limits, task.MaxAttempts, task.RequestedModel);
                // Patches of several subtasks would have to be merged and checked as one: until that is done, the change is one subtask.
                if (PlanOrder.Resolve(plan, out _) is not null && plan.Count(p => p.Kind is SubtaskKind.RepoChange) <= 1)
                {
                    return plan;
                }
            }
        }

        return [PlanItems.Single(task.Prompt, task.Kind, task.Language, limits, task.MaxAttempts, task.RequestedModel, check, task.Plan is TaskPlan.Auto ? DecomposedTimeout(check?.TimeoutMs) : null)];
    }

    private static int DecomposedTimeout(int? checkMs) => Math.Max(SubtaskTimeout.FallbackMs, checkMs ?? 0);

    private async Task StoreAsync(TaskRow task, IReadOnlyList<PlanItem> plan, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var rows = SubtaskRows.Of(task, plan, PlanOrder.Resolve(plan, out _)!, nowMs);
        var changes = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                if (batch.Execute("UPDATE tasks SET state = 'planned', waiting_for = NULL WHERE task_id = $1 AND state = 'submitted'", task.TaskId) == 1)
                {
                    var journal = new TaskJournal(batch, task.TaskId, made, nowMs);
                    journal.TaskState("planned");
                    foreach (var row in rows)
                    {
                        journal.SubtaskState(row.SubtaskId, row.State is SubtaskState.Queued ? "queued" : "blocked");
                    }

                    journal.Write();
                    TaskStart.Enqueue(batch, task, rows, made, nowMs);
                }

                return made;
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
    }

    private async Task PutOffAsync(TaskRow task, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        var changes = await writer.WriteAsync(
            batch =>
            {
                var made = new QueueChanges();
                if (nowMs - task.CreatedAtMs >= PatienceMs)
                {
                    TaskEnds.Finish(batch, task.TaskId, "failed", Unavailable, made, nowMs);
                }
                else
                {
                    batch.Execute(
                        "UPDATE tasks SET waiting_for = $1, plan_not_before_ms = $2, updated_at_ms = $3 WHERE task_id = $4 AND state = 'submitted'",
                        Unavailable, nowMs + BackOff(task.PlanTries), nowMs, task.TaskId);
                }

                return made;
            },
            cancellationToken);
        await effects.ApplyAsync(changes);
        PutOff(task.TaskId, task.PlanTries);
    }

    /// <summary>Pause after so many tries: 1 s, 2 s, 4 s, … at most 30 s.</summary>
    internal static long BackOff(int tries) => SubtaskMachine.BackOff(Math.Max(1, tries));

    [LoggerMessage(Level = LogLevel.Information, Message = "No inference service answers; task {TaskId} is planned later (try {Tries}).")]
    private partial void PutOff(string taskId, int tries);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Planning failed; the task is claimed again when its claim lapses.")]
    private partial void Failed(Exception fault);
}

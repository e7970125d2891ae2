using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>What the owner of a task reads of it (coordinator-and-mesh 4.7). A foreign task is not found.</summary>
internal sealed class TaskViews(IDbContextFactory<CoordinatorContext> contexts)
{
    // Characters of a request in a list.
    private const int MostListedPrompt = 200;

    /// <summary>The row, if the caller may see it.</summary>
    public async Task<TaskRow> FindAsync(string taskId, Caller caller, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Set<TaskRow>().FirstOrDefaultAsync(t => t.TaskId == taskId, cancellationToken) is { } task && SubmitterAccount.Sees(caller, task.AccountId) ? task : throw TaskReads.NotFound();
    }

    /// <summary>A task with its subtasks.</summary>
    public async Task<TaskView> ViewAsync(string taskId, Caller caller, CancellationToken cancellationToken)
    {
        var task = await FindAsync(taskId, caller, cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var charge = await context.Set<TaskChargeRow>().FirstOrDefaultAsync(c => c.TaskId == taskId, cancellationToken);
        var subtasks = await (
            from s in context.Set<SubtaskRow>()
            where s.TaskId == taskId
            orderby s.Position
            select new { s.SubtaskId, s.Position, s.Kind, s.State, s.DependsOnJson, s.Attempts, s.MaxAttempts, s.TimeoutMs, s.LastVerdict, s.LastReason, s.UpdatedAtMs, s.LeaseId }).ToListAsync(cancellationToken);
        var deadlines = await context.Set<LeaseRow>().Where(l => l.TaskId == taskId && l.State == LeaseState.Live).ToDictionaryAsync(l => l.LeaseId, l => l.DeadlineMs, cancellationToken);
        return View(task, charge) with
        {
            Prompt = OfOwner(caller) ? task.Prompt : null,
            AcceptanceCheck = OfOwner(caller) ? FrozenCheck.Read(task.CheckJson) : null,
            Subtasks =
            [
                .. subtasks.Select(s => new SubtaskView
                {
                    SubtaskId = s.SubtaskId,
                    Index = s.Position,
                    Kind = s.Kind,
                    State = s.State,
                    DependsOn = s.DependsOnJson is null ? [] : JsonSerializer.Deserialize(s.DependsOnJson, QueueJson.Default.StringArray)!,
                    Attempts = s.Attempts,
                    MaxAttempts = s.MaxAttempts,
                    TimeoutMs = s.TimeoutMs,
                    LeaseDeadlineMs = s.LeaseId is { } lease && deadlines.TryGetValue(lease, out var deadline) ? deadline : null,
                    LastVerdict = s.LastVerdict is null ? null : new(EnumText.Parse<VerdictKind>(s.LastVerdict), s.LastReason!),
                    UpdatedAtMs = s.UpdatedAtMs,
                }),
            ],
        };
    }

    /// <summary>Tasks of the caller's accounts (all, for operators), newest first.</summary>
    public async Task<TaskList> ListAsync(Caller caller, TaskState? state, int limit, (long AtMs, string TaskId)? after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var query = context.Set<TaskRow>().AsQueryable();
        if ((caller.Kind & (CallerKinds.Operator | CallerKinds.MeshService)) == 0)
        {
            var accounts = caller.Accounts.ToArray();
            query = query.Where(t => accounts.Contains(t.AccountId));
        }

        if (state is { } wanted)
        {
            query = query.Where(t => t.State == wanted);
        }

        if (after is var (atMs, id))
        {
            query = query.Where(t => t.CreatedAtMs < atMs || (t.CreatedAtMs == atMs && string.Compare(t.TaskId, id) < 0));
        }

        var rows = await query.OrderByDescending(t => t.CreatedAtMs).ThenByDescending(t => t.TaskId).Take(limit + 1).ToListAsync(cancellationToken);
        var page = rows.Take(limit).ToList();
        var ids = page.Select(t => t.TaskId).ToArray();
        var charges = await context.Set<TaskChargeRow>().Where(c => ids.Contains(c.TaskId)).ToDictionaryAsync(c => c.TaskId, cancellationToken);
        return new([.. page.Select(t => View(t, charges.GetValueOrDefault(t.TaskId)) with { Prompt = OfOwner(caller) ? Beginning(t.Prompt) : null })], rows.Count > limit ? TaskCursor.Write(page[^1].CreatedAtMs, page[^1].TaskId) : null);
    }

    /// <summary>The result of a task; before its end only id and state.</summary>
    public async Task<TaskResult> ResultAsync(string taskId, Caller caller, CancellationToken cancellationToken)
    {
        var task = await FindAsync(taskId, caller, cancellationToken);
        if (!TaskMachine.IsFinal(task.State))
        {
            return new() { TaskId = taskId, State = task.State };
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var outputs = await (
            from s in context.Set<SubtaskRow>()
            join r in context.Set<ResultRow>() on s.LeaseId equals r.LeaseId
            where s.TaskId == taskId && s.State == SubtaskState.Accepted
            orderby s.Position
            select new { s.SubtaskId, s.Position, r.Output, r.Report }).ToListAsync(cancellationToken);
        var verdicts = await context.Set<VerdictRow>().Where(v => v.TaskId == taskId).OrderBy(v => v.AtMs).Select(v => new { v.Signed, v.Kind, v.TestsRun, v.TestsPassed }).ToListAsync(cancellationToken);
        var charge = await context.Set<TaskChargeRow>().FirstOrDefaultAsync(c => c.TaskId == taskId, cancellationToken);
        var counted = verdicts.Where(v => v.Kind is VerdictKind.Accepted).ToList();
        var (run, passed) = (counted.Sum(v => v.TestsRun), counted.Sum(v => v.TestsPassed));
        return new()
        {
            TaskId = taskId,
            State = task.State,
            Ok = task.State is TaskState.Completed,
            Outputs = [.. outputs.Select(o => new SubtaskOutput(o.SubtaskId, o.Position, o.Output ?? "") { Model = Model(o.Report) })],
            PatchDigest = task.PatchDigest,
            TestReport = counted.Count == 0 ? null : new TestCounts(run, passed, run - passed, 0),
            Verdicts = [.. verdicts.Select(v => Convert.ToBase64String(v.Signed))],
            Receipts = [$"/tasks/{taskId}/receipts"],
            Labels = Labels(task),
            CreditsSpent = Credits(charge?.PostedMc ?? 0),
        };
    }

    /// <summary>The result of one subtask; its output once it was accepted.</summary>
    public async Task<SubtaskResult> SubtaskResultAsync(string taskId, string subtaskId, Caller caller, CancellationToken cancellationToken)
    {
        await FindAsync(taskId, caller, cancellationToken);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await context.Set<SubtaskRow>().Where(s => s.TaskId == taskId && s.SubtaskId == subtaskId).Select(s => new { s.State, s.LeaseId }).FirstOrDefaultAsync(cancellationToken) ?? throw TaskReads.NotFound();
        var accepted = found.State is SubtaskState.Accepted;
        var output = accepted ? await context.Set<ResultRow>().Where(r => r.LeaseId == found.LeaseId).Select(r => r.Output).FirstOrDefaultAsync(cancellationToken) : null;
        var leases = context.Set<LeaseRow>().Where(l => l.SubtaskId == subtaskId).Select(l => l.LeaseId);
        var spent = await context.Set<LeaseChargeRow>().Where(c => leases.Contains(c.LeaseId)).SumAsync(c => c.PostedMc, cancellationToken);
        return new(found.State, output, accepted ? true : null, Credits(spent));
    }

    // Operators and services act for any account, and read no text of it here.
    private static bool OfOwner(Caller caller) => !SubmitterAccount.ForOthers(caller);

    private static string Beginning(string prompt) => prompt.Length <= MostListedPrompt ? prompt : prompt[..(char.IsHighSurrogate(prompt[MostListedPrompt - 1]) ? MostListedPrompt - 1 : MostListedPrompt)];

    private static ModelClaim? Model(byte[] report) => JsonSerializer.Deserialize(report, MeshJson.Default.ResultReport)?.Model;

    private static TaskView View(TaskRow task, TaskChargeRow? charge) => new()
    {
        TaskId = task.TaskId,
        State = task.State,
        StateReason = task.StateReason,
        SubmitterAccountId = task.AccountId,
        ProjectId = task.ProjectId,
        TenantId = task.TenantId,
        DataClass = task.DataClass,
        Kind = task.Kind,
        Language = task.Language,
        ResourceClass = task.ResourceClass,
        Priority = task.Priority,
        RequestedModel = task.RequestedModel,
        SnapshotDigest = task.SnapshotDigest,
        CreatedAtMs = task.CreatedAtMs,
        UpdatedAtMs = task.UpdatedAtMs,
        FinishedAtMs = task.FinishedAtMs,
        DeadlineMs = task.DeadlineMs,
        Credits = charge is null ? new(0, 0, 0) : new(Credits(charge.HeldMc + charge.CarvedMc), Credits(charge.PostedMc), Credits(charge.VoidedMc)),
        Labels = Labels(task),
        WaitingFor = task.WaitingFor,
    };

    private static List<string> Labels(TaskRow task)
    {
        var labels = new List<string>();
        if (task.Unverified)
        {
            labels.Add("unverified");
        }

        if (task.AuditOverturned)
        {
            labels.Add("audit_overturned");
        }

        return labels;
    }

    private static decimal Credits(long mc) => new Ledger.Amounts.Millicredits(mc).Credits;
}

using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>
/// Runs what a person wrote against the frozen check of a task of that person (portal-and-control-plane 14.2: an edit in a review). It says what came out and changes
/// nothing: no state, no credit, no standing.
/// </summary>
internal sealed class OutputCheck(TaskViews views, IDbContextFactory<CoordinatorContext> contexts, ResultVerifier verifier) : IDisposable
{
    private const int MostOutputBytes = 256 * 1024;
    private const int MostAtOnce = 2;

    private readonly SemaphoreSlim _slots = new(MostAtOnce);

    /// <summary>
    /// Runs it. Throws 404 <c>task_not_found</c>, <c>subtask_not_found</c>; 400 <c>validation_failed</c>; 429 <c>checks_busy</c>.
    /// </summary>
    public async Task<CheckAnswer> RunAsync(string taskId, CheckRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var task = await views.FindAsync(taskId, caller, cancellationToken);
        if ((request.Output is null) == (request.PatchDigest is null) || System.Text.Encoding.UTF8.GetByteCount(request.Output ?? "") > MostOutputBytes)
        {
            throw Refusal.Invalid([new("output", $"code of at most {MostOutputBytes} bytes, or patchDigest")]);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var subtasks = await context.Set<SubtaskRow>().Where(s => s.TaskId == taskId && (request.SubtaskId == null || s.SubtaskId == request.SubtaskId)).OrderByDescending(s => s.Position).Take(2).ToListAsync(cancellationToken);
        var subtask = subtasks is [var only] ? only : throw (subtasks.Count == 0
            ? new Refusal(404, "subtask_not_found", "The task has no such subtask. Read it with GET /tasks/{id}.")
            : Refusal.Invalid([new("subtaskId", "which subtask's check, because the task has several")]));
        if (!await _slots.WaitAsync(0, cancellationToken))
        {
            throw new Refusal(429, "checks_busy", "Other checks are running. Try again in some seconds.") { RetryAfter = 5 };
        }

        try
        {
            var found = await verifier.VerifyAsync(Job(task, subtask, request), cancellationToken);
            return new(found.Kind, found.Reason, found.TestsRun, found.TestsPassed);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    // Nobody's lease: it names what is checked, and is neither signed nor stored.
    private static VerificationJob Job(TaskRow task, SubtaskRow subtask, CheckRequest request)
    {
        var lease = new Lease
        {
            LeaseId = "check-" + subtask.SubtaskId,
            SubtaskId = subtask.SubtaskId,
            Attempt = 0,
            Purpose = LeasePurpose.Verify,
            AgentId = "requester",
            HomeCoordinatorId = "requester",
            GrantedAtMs = 0,
            DeadlineMs = 0,
            HardDeadlineMs = 0,
            Price = new(0, 0, 0, 0),
            InputHash = subtask.InputHash,
            SnapshotDigest = subtask.SnapshotDigest,
            CheckDigest = subtask.CheckDigest,
            AuditWindowId = "none",
            Cv = 0,
        };
        var report = new ResultReport
        {
            LeaseId = lease.LeaseId,
            SubtaskId = subtask.SubtaskId,
            AgentId = lease.AgentId,
            TaskId = task.TaskId,
            Ok = true,
            Output = request.Output ?? "",
            PatchDigest = request.PatchDigest,
            CheckDigest = subtask.CheckDigest,
            SnapshotDigest = subtask.SnapshotDigest,
            DurationMs = 0,
        };
        return new()
        {
            Lease = lease,
            Purpose = LeasePurpose.Verify,
            Kind = subtask.Kind,
            Language = subtask.Language,
            TimeoutMs = subtask.TimeoutMs,
            Report = report with { ResultDigest = ResultDigest.Of(report) },
            Check = FrozenCheck.Read(subtask.CheckJson),
            SnapshotDigest = subtask.SnapshotDigest,
            BaselineTests = subtask.BaselineTests,
            RequesterAccountId = task.AccountId,
            WorkerAccountId = task.AccountId,
        };
    }

}

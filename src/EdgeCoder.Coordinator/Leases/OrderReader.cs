using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>
/// Reads what orders are made of; of a subtask that was just submitted here it is remembered, for its first try. The grant is conditional on the input and the
/// attempts it was made of. Its query is compiled once for the store it reads.
/// </summary>
internal sealed class OrderReader(IDbContextFactory<CoordinatorContext> contexts)
{
    // 4,096 of at most 4,096 characters: some tens of MB. Longer inputs are read.
    private const int MostRemembered = 4096;
    private const int MostCharacters = 4096;

    private readonly Remembered<OrderMaterial> _submitted = new(MostRemembered);
    private readonly Func<CoordinatorContext, string, Task<OrderMaterial?>> _find = EF.CompileAsyncQuery((CoordinatorContext context, string subtaskId) =>
        (from s in context.Set<SubtaskRow>()
         join t in context.Set<TaskRow>() on s.TaskId equals t.TaskId
         where s.SubtaskId == subtaskId
         select new OrderMaterial
         {
             SubtaskId = s.SubtaskId,
             TaskId = s.TaskId,
             Partition = s.Partition,
             Position = s.Position,
             Kind = s.Kind,
             Language = s.Language,
             Input = s.Input,
             InputSalt = s.InputSalt,
             InputHash = s.InputHash,
             DependsOnJson = s.DependsOnJson,
             TimeoutMs = s.TimeoutMs,
             AttemptTimeoutMs = s.AttemptTimeoutMs,
             LimitsJson = s.LimitsJson,
             Attempts = s.Attempts,
             RequestedModel = s.RequestedModel,
             CheckJson = s.CheckJson,
             CheckDigest = s.CheckDigest,
             SnapshotDigest = s.SnapshotDigest,
             AccountId = t.AccountId,
             ProjectId = t.ProjectId,
             TenantId = t.TenantId,
             DataClass = t.DataClass,
             ResourceClass = t.ResourceClass,
             Priority = t.Priority,
             ModelRequired = t.ModelRequired,
             SnapshotRef = t.SnapshotRef,
         }).FirstOrDefault());

    /// <summary>Subtasks were stored: those that wait are about to be leased.</summary>
    public void Stored(TaskRow task, IEnumerable<SubtaskRow> subtasks)
    {
        foreach (var subtask in subtasks)
        {
            if (subtask.State is SubtaskState.Queued && subtask.Input.Length + (subtask.CheckJson?.Length ?? 0) <= MostCharacters)
            {
                _submitted.Put(subtask.SubtaskId, OrderMaterial.Of(task, subtask));
            }
        }
    }

    /// <summary>Reads one subtask, or a recheck and the subtask whose result it is; null when there is none.</summary>
    public async Task<OrderMaterial?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        if (_submitted.TryTake(id, out var submitted))
        {
            return submitted;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return RecheckIds.Is(id) ? await RecheckAsync(context, id, cancellationToken) : await _find(context, id);
    }

    private async Task<OrderMaterial?> RecheckAsync(CoordinatorContext context, string recheckId, CancellationToken cancellationToken)
    {
        var found = await (
            from recheck in context.Set<RecheckRow>()
            join result in context.Set<ResultRow>() on recheck.SubjectLeaseId equals result.LeaseId
            join lease in context.Set<LeaseRow>() on recheck.SubjectLeaseId equals lease.LeaseId
            join subtask in context.Set<SubtaskRow>() on recheck.SubtaskId equals subtask.SubtaskId
            where recheck.RecheckId == recheckId && recheck.State == RecheckState.Waiting
            select new { recheck.Purpose, recheck.SubtaskId, lease.LeaseId, lease.Attempt, lease.Signed, result.Report, result.Output, result.PatchDigest, subtask.BaselineTests }).FirstOrDefaultAsync(cancellationToken);
        if (found is null || await _find(context, found.SubtaskId) is not { } work)
        {
            return null;
        }

        var subject = new VerificationSubject
        {
            LeaseId = found.LeaseId,
            Lease = Convert.ToBase64String(found.Signed),
            Report = Convert.ToBase64String(found.Report),
            Output = found.Output,
            PatchDigest = found.PatchDigest,
            BaselineTests = found.BaselineTests,
        };
        return work with { Recheck = new(recheckId, found.Purpose, found.Attempt, subject) };
    }
}

using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>Reads what orders are made of. Its query is compiled once for the store it reads.</summary>
internal sealed class OrderReader(IDbContextFactory<CoordinatorContext> contexts)
{
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

    /// <summary>Reads one subtask; null when there is none.</summary>
    public async Task<OrderMaterial?> ReadAsync(string subtaskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await _find(context, subtaskId);
    }
}

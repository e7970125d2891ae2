using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>What an order to an agent is made of, read before its lease is written.</summary>
internal sealed record OrderMaterial
{
    private static readonly Func<CoordinatorContext, string, Task<OrderMaterial?>> Find = EF.CompileAsyncQuery((CoordinatorContext context, string subtaskId) =>
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

    public required string SubtaskId { get; init; }

    public required string TaskId { get; init; }

    public required int Partition { get; init; }

    public required int Position { get; init; }

    public required SubtaskKind Kind { get; init; }

    public required string Language { get; init; }

    public required string Input { get; init; }

    public required byte[] InputSalt { get; init; }

    public required string InputHash { get; init; }

    public string? DependsOnJson { get; init; }

    public required int TimeoutMs { get; init; }

    public required int AttemptTimeoutMs { get; init; }

    public string? LimitsJson { get; init; }

    public required int Attempts { get; init; }

    public string? RequestedModel { get; init; }

    public string? CheckJson { get; init; }

    public string? CheckDigest { get; init; }

    public string? SnapshotDigest { get; init; }

    public required string AccountId { get; init; }

    public required string ProjectId { get; init; }

    public string? TenantId { get; init; }

    public required SharedDataClass DataClass { get; init; }

    public required ResourceClass ResourceClass { get; init; }

    public required int Priority { get; init; }

    public required bool ModelRequired { get; init; }

    public string? SnapshotRef { get; init; }

    /// <summary>Reads one subtask; null when there is none.</summary>
    public static async Task<OrderMaterial?> ReadAsync(IDbContextFactory<CoordinatorContext> contexts, string subtaskId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Find(context, subtaskId);
    }
}

using System.Text.Json;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Makes <see cref="SubtaskFacts"/> of rows.</summary>
internal static class SubtaskFactsReader
{
    private const string Columns =
        """
        SELECT s.subtask_id, s.task_id, t.account_id, t.project_id, t.tenant_id, t.data_class, s.kind, t.sandbox_required, s.requested_model, t.model_required,
            s.timeout_ms, t.priority, t.resource_class, s.queued_at_ms, s.not_before_ms, s.failed_agents_json, s.baseline
        FROM subtasks s JOIN tasks t ON t.task_id = s.task_id
        """;

    /// <summary>One waiting subtask; null when it does not wait.</summary>
    public static SubtaskFacts? Read(IStoreBatch batch, string subtaskId) =>
        RecheckIds.Is(subtaskId) ? RecheckQueue.Read(batch, subtaskId) : batch.Query(Columns + " WHERE s.subtask_id = $1 AND s.state = 'queued'", Facts, subtaskId) is [var facts] ? facts : null;

    /// <summary>All that wait in a partition, rechecks included.</summary>
    public static List<SubtaskFacts> ReadAll(IStoreBatch batch, int partition) =>
        [.. batch.Query(Columns + " WHERE s.partition = $1 AND s.state = 'queued'", Facts, partition), .. RecheckQueue.ReadAll(batch, partition)];

    /// <summary>The shape of a subtask.</summary>
    public static SubtaskShape Shape(TaskRow task, SubtaskRow subtask) =>
        Shape(task.AccountId, task.ProjectId, task.TenantId, task.DataClass, subtask.Kind, task.SandboxRequired, subtask.RequestedModel, task.ModelRequired, subtask.TimeoutMs, task.Priority, task.ResourceClass);

    /// <summary>Facts of rows that are about to be stored as queued.</summary>
    public static SubtaskFacts Of(TaskRow task, SubtaskRow subtask) => new()
    {
        SubtaskId = subtask.SubtaskId,
        TaskId = task.TaskId,
        Shape = Shape(task, subtask),
        QueuedAtMs = subtask.QueuedAtMs,
        NotBeforeMs = subtask.NotBeforeMs,
        BaselineWaits = subtask.Baseline is BaselineState.Waiting,
    };

    private static SubtaskFacts Facts(StoreRow row) => new()
    {
        SubtaskId = row.Text(0),
        TaskId = row.Text(1),
        Shape = Shape(
            row.Text(2), row.Text(3), row.TextOrNull(4), row.Enum<SharedDataClass>(5), row.Enum<SubtaskKind>(6), row.Flag(7), row.TextOrNull(8), row.Flag(9), row.Number(10), (int)row.Number(11), row.Enum<ResourceClass>(12)),
        QueuedAtMs = row.Number(13),
        NotBeforeMs = row.Number(14),
        FailedBy = row.TextOrNull(15) is { } failed ? JsonSerializer.Deserialize(failed, QueueJson.Default.StringArray)! : [],
        BaselineWaits = row.Text(16) is "waiting",
    };

    private static SubtaskShape Shape(
        string account, string project, string? tenant, SharedDataClass dataClass, SubtaskKind kind, bool sandboxRequired, string? model, bool modelRequired, long timeoutMs, int priority, ResourceClass resources) => new()
    {
        AccountId = account,
        ProjectId = project,
        TenantId = tenant,
        DataClass = dataClass,
        SandboxNeeded = sandboxRequired || kind is not SubtaskKind.SingleStep,
        RequestedModel = model,
        ModelRequired = modelRequired,
        Small = timeoutMs <= 10_000,
        Priority = priority,
        ResourceClass = resources,
    };
}

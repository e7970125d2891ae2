using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>What a verifier or auditor gets beside the subtask.</summary>
internal sealed record RecheckMaterial(string RecheckId, LeasePurpose Purpose, int Attempt, VerificationSubject Subject);

/// <summary>What an order to an agent is made of, read before its lease is written.</summary>
internal sealed record OrderMaterial
{
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

    /// <summary>With a verify or audit lease: what is run again.</summary>
    public RecheckMaterial? Recheck { get; init; }

    /// <summary>Of rows that are about to be stored.</summary>
    public static OrderMaterial Of(TaskRow task, SubtaskRow subtask) => new()
    {
        SubtaskId = subtask.SubtaskId,
        TaskId = task.TaskId,
        Partition = subtask.Partition,
        Position = subtask.Position,
        Kind = subtask.Kind,
        Language = subtask.Language,
        Input = subtask.Input,
        InputSalt = subtask.InputSalt,
        InputHash = subtask.InputHash,
        DependsOnJson = subtask.DependsOnJson,
        TimeoutMs = subtask.TimeoutMs,
        AttemptTimeoutMs = subtask.AttemptTimeoutMs,
        LimitsJson = subtask.LimitsJson,
        Attempts = subtask.Attempts,
        RequestedModel = subtask.RequestedModel,
        CheckJson = subtask.CheckJson,
        CheckDigest = subtask.CheckDigest,
        SnapshotDigest = subtask.SnapshotDigest,
        AccountId = task.AccountId,
        ProjectId = task.ProjectId,
        TenantId = task.TenantId,
        DataClass = task.DataClass,
        ResourceClass = task.ResourceClass,
        Priority = task.Priority,
        ModelRequired = task.ModelRequired,
        SnapshotRef = task.SnapshotRef,
    };
}

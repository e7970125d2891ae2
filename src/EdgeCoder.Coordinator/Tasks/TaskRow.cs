using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>A task as it was submitted and where it is (coordinator-and-mesh 4.1, 4.2). Every change is conditional on <see cref="State"/>.</summary>
internal sealed class TaskRow
{
    /// <summary>Chosen by the client; the idempotency key.</summary>
    public required string TaskId { get; set; }

    /// <summary>Who pays.</summary>
    public required string AccountId { get; set; }

    /// <summary>Hex SHA-256 of the RFC 8785 form of the submission: the same id with another body is refused.</summary>
    public required string BodySha256 { get; set; }

    /// <summary>Project.</summary>
    public required string ProjectId { get; set; }

    /// <summary>Tenant.</summary>
    public string? TenantId { get; set; }

    /// <summary>Where it may run.</summary>
    public required SharedDataClass DataClass { get; set; }

    /// <summary>Kind of its subtasks unless they say otherwise.</summary>
    public required SubtaskKind Kind { get; set; }

    /// <summary>Language.</summary>
    public required string Language { get; set; }

    /// <summary>Price and machine.</summary>
    public required ResourceClass ResourceClass { get; set; }

    /// <summary>0 to 100.</summary>
    public required int Priority { get; set; }

    /// <summary>Model wished for.</summary>
    public string? RequestedModel { get; set; }

    /// <summary>Whether only that model will do.</summary>
    public required bool ModelRequired { get; set; }

    /// <summary>Whether text needs a sandbox too.</summary>
    public required bool SandboxRequired { get; set; }

    /// <summary>How it becomes subtasks.</summary>
    public required TaskPlan Plan { get; set; }

    /// <summary>The submission, kept while a given plan waits for its snapshot.</summary>
    public string? SubmissionJson { get; set; }

    /// <summary>The request.</summary>
    public required string Prompt { get; set; }

    /// <summary>Snapshot as the submitter named it.</summary>
    public string? SnapshotRef { get; set; }

    /// <summary>Where it is fetched.</summary>
    public string? SnapshotUrl { get; set; }

    /// <summary>What it must hash to.</summary>
    public string? SnapshotSha256 { get; set; }

    /// <summary>The blob, once it was made.</summary>
    public string? SnapshotDigest { get; set; }

    /// <summary>The task's own check, RFC 8785 form.</summary>
    public string? CheckJson { get; set; }

    /// <summary>Hex SHA-256 of <see cref="CheckJson"/>.</summary>
    public string? CheckDigest { get; set; }

    /// <summary>Limits of one attempt.</summary>
    public string? LimitsJson { get; set; }

    /// <summary>1 to 10.</summary>
    public required int MaxAttempts { get; set; }

    /// <summary>When it fails unfinished.</summary>
    public long? DeadlineMs { get; set; }

    /// <summary>What was reserved at submit, in millicredits.</summary>
    public required long EstimateMc { get; set; }

    /// <summary>Grant of the submitter's policy for cloud review.</summary>
    public required bool AllowCloudReview { get; set; }

    /// <summary>State.</summary>
    public required TaskState State { get; set; }

    /// <summary>Why it failed or was cancelled.</summary>
    public string? StateReason { get; set; }

    /// <summary>What planning waits for.</summary>
    public string? WaitingFor { get; set; }

    /// <summary>Whether a part was not run again.</summary>
    public required bool Unverified { get; set; }

    /// <summary>Whether an audit overturned a part after the end.</summary>
    public required bool AuditOverturned { get; set; }

    /// <summary>Patch of all accepted patches in order.</summary>
    public string? PatchDigest { get; set; }

    /// <summary>Sequence of its last event.</summary>
    public required long Events { get; set; }

    /// <summary>Tries of planning so far.</summary>
    public required int PlanTries { get; set; }

    /// <summary>Planning is claimed, or pauses, until then; a lapsed claim is taken by any silo.</summary>
    public required long PlanNotBeforeMs { get; set; }

    /// <summary>Queue partition.</summary>
    public required int Partition { get; set; }

    /// <summary>When it was stored.</summary>
    public required long CreatedAtMs { get; set; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; set; }

    /// <summary>When it became final.</summary>
    public long? FinishedAtMs { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TaskRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TaskRow> builder)
        {
            builder.ToTable("tasks");
            builder.HasKey(t => t.TaskId);
            builder.HasIndex(t => new { t.AccountId, t.CreatedAtMs });
            builder.HasIndex(t => t.AccountId, "ix_tasks_account_id_open").HasFilter("finished_at_ms IS NULL");
            builder.HasIndex(t => t.DeadlineMs).HasFilter("deadline_ms IS NOT NULL AND finished_at_ms IS NULL");
            builder.HasIndex(t => t.PlanNotBeforeMs).HasFilter("state = 'submitted'");
        }
    }
}

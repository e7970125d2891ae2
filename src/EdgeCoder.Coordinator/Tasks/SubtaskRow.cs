using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Whether a subtask's check was tried on the untouched snapshot (coordinator-and-mesh 5.1).</summary>
internal enum BaselineState
{
    /// <summary>There is no check to try.</summary>
    None,

    /// <summary>Not yet: the subtask is queued and no agent gets it.</summary>
    Waiting,

    /// <summary>Tried: it may be leased.</summary>
    Done,
}

/// <summary>A unit that a worker can lease (coordinator-and-mesh 4.2). Every change is conditional on <see cref="State"/>.</summary>
internal sealed class SubtaskRow
{
    /// <summary>UUID.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Its task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Queue partition, that of the task.</summary>
    public required int Partition { get; set; }

    /// <summary>0-based position in the plan.</summary>
    public required int Position { get; set; }

    /// <summary>Kind.</summary>
    public required SubtaskKind Kind { get; set; }

    /// <summary>Language.</summary>
    public required string Language { get; set; }

    /// <summary>State.</summary>
    public required SubtaskState State { get; set; }

    /// <summary>Why it was queued again or ended.</summary>
    public string? StateReason { get; set; }

    /// <summary>The request; with the outputs of its dependencies before it from the moment it is queued.</summary>
    public required string Input { get; set; }

    /// <summary>The request without context, kept when the context is put before it: an overturned dependency is put there anew.</summary>
    public string? OwnInput { get; set; }

    /// <summary>16 random bytes.</summary>
    public required byte[] InputSalt { get; set; }

    /// <summary>Hex SHA-256 of salt and input.</summary>
    public required string InputHash { get; set; }

    /// <summary>Ids of its dependencies in order: a JSON array; null without.</summary>
    public string? DependsOnJson { get; set; }

    /// <summary>Limit of each run.</summary>
    public required int TimeoutMs { get; set; }

    /// <summary>Limit of the attempt, and the paid maximum.</summary>
    public required int AttemptTimeoutMs { get; set; }

    /// <summary>Steps and tokens.</summary>
    public string? LimitsJson { get; set; }

    /// <summary>1 to 10.</summary>
    public required int MaxAttempts { get; set; }

    /// <summary>Attempts spent.</summary>
    public required int Attempts { get; set; }

    /// <summary>Releases and non-deliveries since the last attempt was spent; the 10th spends one.</summary>
    public required int Releases { get; set; }

    /// <summary>Attempts that closed without an answer of any verifier; the second escalates.</summary>
    public required int Inconclusive { get; set; }

    /// <summary>Model wished for.</summary>
    public string? RequestedModel { get; set; }

    /// <summary>Frozen check, RFC 8785 form, with its overlay.</summary>
    public string? CheckJson { get; set; }

    /// <summary>Hex SHA-256 of <see cref="CheckJson"/>.</summary>
    public string? CheckDigest { get; set; }

    /// <summary>Snapshot blob.</summary>
    public string? SnapshotDigest { get; set; }

    /// <summary>Whether the check was tried before the first lease.</summary>
    public required BaselineState Baseline { get; set; }

    /// <summary>Tests that it saw.</summary>
    public required int BaselineTests { get; set; }

    /// <summary>A baseline claim lapses then.</summary>
    public required long BaselineClaimUntilMs { get; set; }

    /// <summary>When it was queued last.</summary>
    public required long QueuedAtMs { get; set; }

    /// <summary>Not leased before.</summary>
    public required long NotBeforeMs { get; set; }

    /// <summary>Agents that failed it: a JSON array; null without.</summary>
    public string? FailedAgentsJson { get; set; }

    /// <summary>The lease that counts now: live, reported, or the accepted one.</summary>
    public string? LeaseId { get; set; }

    /// <summary>Outcome of the last re-run.</summary>
    public string? LastVerdict { get; set; }

    /// <summary>Its reason.</summary>
    public string? LastReason { get; set; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<SubtaskRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<SubtaskRow> builder)
        {
            builder.ToTable("subtasks");
            builder.HasKey(s => s.SubtaskId);
            builder.HasIndex(s => new { s.TaskId, s.Position }).IsUnique();
            builder.HasIndex(s => s.Partition).HasFilter("state = 'queued'");
            builder.HasIndex(s => s.QueuedAtMs).HasFilter("state = 'queued' AND baseline = 'waiting'");
        }
    }
}

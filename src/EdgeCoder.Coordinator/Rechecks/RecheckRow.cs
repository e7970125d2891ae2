using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Where a recheck is.</summary>
internal enum RecheckState
{
    /// <summary>Wants an agent.</summary>
    Waiting,

    /// <summary>An agent has a lease for it.</summary>
    Leased,

    /// <summary>Has its verdict, or is not wanted any more.</summary>
    Done,
}

/// <summary>A result that an agent of another owner shall run again (coordinator-and-mesh 4.4, 5.2, 5.3): a place in the queue beside the subtasks.</summary>
internal sealed class RecheckRow
{
    /// <summary>See <see cref="RecheckIds"/>.</summary>
    public required string RecheckId { get; set; }

    /// <summary>verify or audit.</summary>
    public required LeasePurpose Purpose { get; set; }

    /// <summary>1; 2 for the second auditor.</summary>
    public required int Round { get; set; }

    /// <summary>Lease of the result.</summary>
    public required string SubjectLeaseId { get; set; }

    /// <summary>Task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Queue partition.</summary>
    public required int Partition { get; set; }

    /// <summary>State.</summary>
    public required RecheckState State { get; set; }

    /// <summary>Accounts whose agents may not have it: sorted, joined by LF.</summary>
    public required string Conflicts { get; set; }

    /// <summary>What the draw of the window says about the auditor (coordinator-and-mesh 5.3): 64 bits; null for a verifier, who is not drawn.</summary>
    public long? Draw { get; set; }

    /// <summary>Its last lease.</summary>
    public string? LeaseId { get; set; }

    /// <summary>Holder of that lease.</summary>
    public string? AgentId { get; set; }

    /// <summary>Verdict, once there is one that counts.</summary>
    public VerdictKind? Kind { get; set; }

    /// <summary>Leases that came to nothing.</summary>
    public required int Failures { get; set; }

    /// <summary>Agents whose leases came to nothing.</summary>
    public string? FailedAgentsJson { get; set; }

    /// <summary>When it was wanted.</summary>
    public required long QueuedAtMs { get; set; }

    /// <summary>Not leased before.</summary>
    public required long NotBeforeMs { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<RecheckRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<RecheckRow> builder)
        {
            builder.ToTable("rechecks");
            builder.HasKey(r => r.RecheckId);
            builder.HasIndex(r => r.SubjectLeaseId);
            builder.HasIndex(r => r.LeaseId);
            builder.HasIndex(r => r.Partition).HasFilter("state = 'waiting'");
        }
    }
}

using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Verdicts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Results;

/// <summary>A signed verdict (coordinator-and-mesh 5.4).</summary>
internal sealed class VerdictRow
{
    /// <summary>UUID.</summary>
    public required string VerdictId { get; set; }

    /// <summary>Lease of the result.</summary>
    public required string LeaseId { get; set; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Task.</summary>
    public required string TaskId { get; set; }

    /// <summary>verify or audit.</summary>
    public required LeasePurpose Purpose { get; set; }

    /// <summary>Outcome.</summary>
    public required VerdictKind Kind { get; set; }

    /// <summary>Reason.</summary>
    public required string ReasonCode { get; set; }

    /// <summary>Who ran it.</summary>
    public required string VerifierId { get; set; }

    /// <summary>Tests that ran.</summary>
    public required int TestsRun { get; set; }

    /// <summary>Tests that passed.</summary>
    public required int TestsPassed { get; set; }

    /// <summary>Output of the run.</summary>
    public string? LogsDigest { get; set; }

    /// <summary>Exact signed bytes.</summary>
    public required byte[] Signed { get; set; }

    /// <summary>When it took effect.</summary>
    public required long AtMs { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<VerdictRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<VerdictRow> builder)
        {
            builder.ToTable("verdicts");
            builder.HasKey(v => v.VerdictId);
            builder.HasIndex(v => v.TaskId);
            builder.HasIndex(v => v.LeaseId);
            builder.HasIndex(v => v.LeaseId, "ix_verdicts_refuted").HasFilter("purpose = 'audit' AND kind = 'rejected'");
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Results;

/// <summary>An accepted attempt that was drawn for an audit (coordinator-and-mesh 5.3). It is unpaid until the audit closes.</summary>
internal sealed class OpenAuditRow
{
    /// <summary>Lease of the audited result.</summary>
    public required string LeaseId { get; set; }

    /// <summary>Task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Queue partition.</summary>
    public required int Partition { get; set; }

    /// <summary>Who gave the verdict that is audited.</summary>
    public required string VerifierId { get; set; }

    /// <summary>When it was drawn.</summary>
    public required long OpenedAtMs { get; set; }

    /// <summary>Without an auditor the verdict stands then.</summary>
    public required long LapsesAtMs { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<OpenAuditRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<OpenAuditRow> builder)
        {
            builder.ToTable("open_audits");
            builder.HasKey(a => a.LeaseId);
            builder.HasIndex(a => a.LapsesAtMs);
        }
    }
}

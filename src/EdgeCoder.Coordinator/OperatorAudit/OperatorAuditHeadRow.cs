using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.OperatorAudit;

/// <summary>The last head of an audit log that this coordinator was told.</summary>
internal sealed class OperatorAuditHeadRow
{
    /// <summary>The only source there is.</summary>
    public const string Portal = "portal";

    /// <summary>Whose audit log.</summary>
    public required string Source { get; init; }

    /// <summary>Its last row.</summary>
    public required long Seq { get; init; }

    /// <summary>Hash of that row.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was told.</summary>
    public required long AtMs { get; init; }
}

internal sealed class OperatorAuditHeadRowConfiguration : IEntityTypeConfiguration<OperatorAuditHeadRow>
{
    public void Configure(EntityTypeBuilder<OperatorAuditHeadRow> builder) => builder.HasKey(row => row.Source);
}

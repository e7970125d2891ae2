using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Standing;

/// <summary>A strike (economy-and-ledger 15): three within 60 minutes are a quarantine.</summary>
internal sealed class AgentStrikeRow
{
    /// <summary>Given by the database.</summary>
    public long Sequence { get; init; }

    /// <summary>Whom.</summary>
    public required string AgentId { get; init; }

    /// <summary>Rule or verdict reason.</summary>
    public required string Rule { get; init; }

    /// <summary>1, or 2 for a critical rule.</summary>
    public required int Weight { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class AgentStrikeConfiguration : IEntityTypeConfiguration<AgentStrikeRow>
{
    public void Configure(EntityTypeBuilder<AgentStrikeRow> builder)
    {
        builder.HasKey(r => r.Sequence);
        builder.HasIndex(r => new { r.AgentId, r.AtMs });
    }
}

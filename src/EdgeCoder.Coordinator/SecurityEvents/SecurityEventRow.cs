using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.SecurityEvents;

/// <summary>A security event of this coordinator: ids, codes and integers, nothing of a person.</summary>
internal sealed class SecurityEventRow
{
    /// <summary>UUID.</summary>
    public required string EventId { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary>How much it matters.</summary>
    public required SecurityLevel Level { get; init; }

    /// <summary>What happened.</summary>
    public required SecurityEventKind Event { get; init; }

    /// <summary>The event as it is shown, canonical JSON.</summary>
    public required string Json { get; init; }

    /// <summary>Table, key and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<SecurityEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<SecurityEventRow> builder)
        {
            builder.ToTable("security_events");
            builder.HasKey(r => r.EventId);
            builder.HasIndex(r => r.AtMs);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Audits;

/// <summary>A window of audits (coordinator-and-mesh 5.3): its seed is secret until all its leases are closed.</summary>
internal sealed class AuditWindowRow
{
    /// <summary>UUID.</summary>
    public required string WindowId { get; init; }

    /// <summary>32 random bytes. Secret until <see cref="RevealedAtMs"/>: who knows it knows which results are audited.</summary>
    public required byte[] Seed { get; init; }

    /// <summary>What the log committed to before the first lease.</summary>
    public required string SeedHash { get; init; }

    /// <summary>When it was committed.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>From when on no lease names it any more.</summary>
    public required long EndsAtMs { get; init; }

    /// <summary>When its seed was published in the log; null before.</summary>
    public long? RevealedAtMs { get; init; }

    /// <summary>Table, key and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AuditWindowRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AuditWindowRow> builder)
        {
            builder.ToTable("audit_windows");
            builder.HasKey(w => w.WindowId);
            builder.HasIndex(w => w.EndsAtMs).HasFilter("revealed_at_ms IS NULL");
        }
    }
}

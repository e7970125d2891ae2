using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>What an agent or a peer reported without proof: for an operator to look at. It changes nothing by itself, but a peer's quarantines.</summary>
internal sealed class BlacklistReportRow
{
    /// <summary>UUID; of a peer's event its id.</summary>
    public required string ReportId { get; init; }

    /// <summary>Whom it is about.</summary>
    public required string AgentId { get; init; }

    /// <summary>Code.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>In words.</summary>
    public required string Reason { get; init; }

    /// <summary>Who reported.</summary>
    public required string ReporterId { get; init; }

    /// <summary>SHA-256 of the evidence, hex.</summary>
    public required string EvidenceHash { get; init; }

    /// <summary>Where the evidence is.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>When, by the reporter's clock.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>When an operator closed it; null while it is open.</summary>
    public long? ClosedAtMs { get; init; }

    /// <summary>Table, key and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BlacklistReportRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BlacklistReportRow> builder)
        {
            builder.ToTable("blacklist_reports");
            builder.HasKey(r => r.ReportId);
            builder.HasIndex(r => r.ReporterId).HasFilter("closed_at_ms IS NULL");
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>An event of this coordinator's or a peer's blacklist with its exact bytes (economy-and-ledger 14, 20). Never changed, never deleted.</summary>
internal sealed class BlacklistEventRow
{
    /// <summary>Whose chain.</summary>
    public required string Source { get; init; }

    /// <summary>Place in it, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>UUID.</summary>
    public required string EventId { get; init; }

    /// <summary>Hash of the bytes, hex.</summary>
    public required string EventHash { get; init; }

    /// <summary>Exact signed bytes.</summary>
    public required byte[] Signed { get; init; }

    /// <summary>The source's signature of the hash, base64.</summary>
    public required string CoordinatorSignature { get; init; }

    /// <summary>Whom it is about.</summary>
    public required string AgentId { get; init; }

    /// <summary>The entry that it ends; null for an entry.</summary>
    public string? RevokesEventId { get; init; }

    /// <summary>Whether the reporter's signature verifies here, whatever the source said.</summary>
    public required bool EvidenceVerified { get; init; }

    /// <summary>When it came here.</summary>
    public required long ReceivedAtMs { get; init; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BlacklistEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BlacklistEventRow> builder)
        {
            builder.ToTable("blacklist_events");
            builder.HasKey(r => new { r.Source, r.Sequence });
            builder.HasIndex(r => r.EventId).IsUnique();
            builder.HasIndex(r => r.RevokesEventId).HasFilter("revokes_event_id IS NOT NULL");
        }
    }
}

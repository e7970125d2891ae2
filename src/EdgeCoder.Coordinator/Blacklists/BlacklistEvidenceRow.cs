using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Evidence of an automatic ban: signed bytes, as the event names them by their hash.</summary>
internal sealed class BlacklistEvidenceRow
{
    /// <summary>SHA-256 of the bytes, hex.</summary>
    public required string Hash { get; init; }

    /// <summary>See <see cref="Ledger.Blacklists.BlacklistProof"/>.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Table and key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BlacklistEvidenceRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BlacklistEvidenceRow> builder)
        {
            builder.ToTable("blacklist_evidence");
            builder.HasKey(r => r.Hash);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>What this coordinator thinks of a peer, by what the peer itself has signed (economy-and-ledger 5).</summary>
internal sealed class PeerScoreRow
{
    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>0 to 200.</summary>
    public required long Score { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PeerScoreRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PeerScoreRow> builder)
        {
            builder.ToTable("peer_scores", table => table.HasCheckConstraint("peer_scores_range", "score BETWEEN 0 AND 200"));
            builder.HasKey(r => r.PeerId);
        }
    }
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>The latest quote that a member of the quorum proposed (economy-and-ledger 5). It changes no price by itself.</summary>
internal sealed class PriceQuoteRow
{
    /// <summary>Who quoted.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>cpu or gpu.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>The exact bytes with their signature.</summary>
    public required byte[] Document { get; init; }

    /// <summary>When it was quoted.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PriceQuoteRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PriceQuoteRow> builder)
        {
            builder.ToTable("price_quotes").HasKey(row => new { row.CoordinatorId, row.ResourceClass });
            builder.Property(row => row.ResourceClass).HasConversion(new EnumTextConverter<ResourceClass>());
        }
    }
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Whether a price is in force.</summary>
internal enum PriceEpochStatus
{
    /// <summary>A jump: it waits for an operator.</summary>
    Proposed,

    /// <summary>In force.</summary>
    Current,

    /// <summary>Was in force, or proposed, until a later one came.</summary>
    Replaced,
}

/// <summary>A price that was agreed on (economy-and-ledger 5). Its signed bytes never change.</summary>
internal sealed class PriceEpochRow
{
    /// <summary>UUID.</summary>
    public required string EpochId { get; init; }

    /// <summary>Whose price it is.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>cpu or gpu.</summary>
    public required ResourceClass ResourceClass { get; init; }

    /// <summary>Sats for a unit of computing.</summary>
    public required long PricePerComputeUnitSats { get; init; }

    /// <summary>The exact signed bytes.</summary>
    public required byte[] Document { get; init; }

    /// <summary>At most one of a class is current.</summary>
    public required PriceEpochStatus Status { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PriceEpochRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PriceEpochRow> builder)
        {
            builder.ToTable("price_epochs").HasKey(row => row.EpochId);
            builder.Property(row => row.ResourceClass).HasConversion(new EnumTextConverter<ResourceClass>());
            builder.Property(row => row.Status).HasConversion(new EnumTextConverter<PriceEpochStatus>());
            builder.HasIndex(row => row.ResourceClass).HasFilter("status = 'current'").IsUnique().HasDatabaseName("price_epochs_one_current");
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>The coordinator's fee of one settled purchase (economy-and-ledger 6.1): there with its transfer or not at all. A purchase without a fee has none.</summary>
internal sealed class FeeEventRow
{
    /// <summary>UUID.</summary>
    public required string EventId { get; init; }

    /// <summary>This coordinator.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>The purchase; one event each.</summary>
    public required string IntentId { get; init; }

    /// <summary>Who got it.</summary>
    public required string FeeWalletAccountId { get; init; }

    /// <summary>How much.</summary>
    public required long FeeSats { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<FeeEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<FeeEventRow> builder)
        {
            builder.ToTable("coordinator_fee_events").HasKey(row => row.EventId);
            builder.HasIndex(row => row.IntentId).IsUnique();
        }
    }
}

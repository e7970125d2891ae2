using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>What a part of a purchase is.</summary>
internal enum PayoutType
{
    /// <summary>Owed to who contributed.</summary>
    Contributor,

    /// <summary>The coordinator's service.</summary>
    CoordinatorService,

    /// <summary>The reserve.</summary>
    Reserve,

    /// <summary>Kept in <c>sats:net</c> until there is a final epoch to divide it by. It has no transfer of its own.</summary>
    ContributorUnallocated,
}

/// <summary>A part of the net of a purchase, in msat (economy-and-ledger 8.4): there with its transfer or not at all.</summary>
internal sealed class PayoutEventRow
{
    /// <summary>UUID.</summary>
    public required string PayoutEventId { get; init; }

    /// <summary>The epoch by whose weights it was divided; null for the coordinator's and the reserve's, and while it waits.</summary>
    public string? IssuanceEpochId { get; init; }

    /// <summary>Whose it is.</summary>
    public required string AccountId { get; init; }

    /// <summary>What it is.</summary>
    public required PayoutType PayoutType { get; init; }

    /// <summary>How much.</summary>
    public required long AmountMsat { get; init; }

    /// <summary>The purchase.</summary>
    public required string SourceIntentId { get; init; }

    /// <summary>The transfer that moved it; null for what waits.</summary>
    public string? TransferId { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PayoutEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PayoutEventRow> builder)
        {
            builder.ToTable(
                "issuance_payout_events", table => table.HasCheckConstraint("issuance_payout_events_transfer", "amount_msat > 0 AND (transfer_id IS NOT NULL OR payout_type = 'contributor_unallocated')"));
            builder.HasKey(row => row.PayoutEventId);
            builder.Property(row => row.PayoutType).HasConversion(new EnumTextConverter<PayoutType>());
            builder.HasIndex(row => new { row.SourceIntentId, row.PayoutType, row.AccountId }).IsUnique();
            builder.HasIndex(row => row.CreatedAtMs);
            builder.HasIndex(row => row.IssuanceEpochId).HasFilter("payout_type = 'contributor_unallocated'");
        }
    }
}

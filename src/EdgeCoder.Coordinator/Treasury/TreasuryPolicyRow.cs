using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Treasury;

/// <summary>Whether a policy has an effect.</summary>
internal enum TreasuryPolicyStatus
{
    /// <summary>Written down; without any effect.</summary>
    Draft,

    /// <summary>In force; at most one is.</summary>
    Active,

    /// <summary>Was in force until another was.</summary>
    Retired,
}

/// <summary>Who together releases what is owed (economy-and-ledger 7). Only its status changes.</summary>
internal sealed class TreasuryPolicyRow
{
    /// <summary>Chosen by who signed it.</summary>
    public required string PolicyId { get; init; }

    /// <summary>Account of the treasury.</summary>
    public required string TreasuryAccountId { get; init; }

    /// <summary>Output descriptor with its checksum.</summary>
    public required string MultisigDescriptor { get; init; }

    /// <summary>How many custodians release.</summary>
    public required long QuorumThreshold { get; init; }

    /// <summary>Of how many.</summary>
    public required long TotalCustodians { get; init; }

    /// <summary>Their ids, one a line.</summary>
    public required string CustodianIds { get; init; }

    /// <summary>To which coordinators the quorum of issuance is narrowed while it is active, one a line; empty: to none.</summary>
    public required string ApprovedCoordinatorIds { get; init; }

    /// <summary>How often a key is to be changed.</summary>
    public required long KeyRotationDays { get; init; }

    /// <summary>Status.</summary>
    public required TreasuryPolicyStatus Status { get; init; }

    /// <summary>When it came into force; null: not yet. The days of rotation are counted from then.</summary>
    public long? ActivatedAtMs { get; init; }

    /// <summary>When it was written.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When its status changed last.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TreasuryPolicyRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TreasuryPolicyRow> builder)
        {
            builder.ToTable("treasury_policies", table => table.HasCheckConstraint("treasury_policies_quorum", "quorum_threshold > 0 AND quorum_threshold <= total_custodians")).HasKey(row => row.PolicyId);
            builder.Property(row => row.Status).HasConversion(new EnumTextConverter<TreasuryPolicyStatus>());
            builder.HasIndex(row => row.Status).HasFilter("status = 'active'").IsUnique().HasDatabaseName("treasury_policies_one_active");
        }
    }
}

using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>What a slot issues (economy-and-ledger 8.1): one epoch per slot. While it is open it is the newest own proposal; once final it never changes.</summary>
internal sealed class IssuanceEpochRow
{
    /// <summary><c>ep-&lt;windowEndMs&gt;</c>.</summary>
    public required string IssuanceEpochId { get; init; }

    /// <summary>Who proposed it.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Hash of the proposal's content.</summary>
    public required string ProposalHash { get; init; }

    /// <summary>Start of the window, exclusive.</summary>
    public required long WindowStartMs { get; init; }

    /// <summary>End of the window and slot, inclusive.</summary>
    public required long WindowEndMs { get; init; }

    /// <summary>Smoothed load, in millionths.</summary>
    public required long LoadIndex { get; init; }

    /// <summary>Pool of a day, in millicredits.</summary>
    public required long DailyPoolMc { get; init; }

    /// <summary>Pool of the slot, in millicredits.</summary>
    public required long SlotPoolMc { get; init; }

    /// <summary>Sum of the weights, in millionths.</summary>
    public required long TotalWeightMicro { get; init; }

    /// <summary>Leases that counted.</summary>
    public required long ContributionCount { get; init; }

    /// <summary>Accounts that are issued something.</summary>
    public required long AllocationCount { get; init; }

    /// <summary>Whether the quorum agreed.</summary>
    public required bool Finalized { get; init; }

    /// <summary>When; null while it is open.</summary>
    public long? FinalizedAtMs { get; init; }

    /// <summary>When it was proposed.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<IssuanceEpochRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<IssuanceEpochRow> builder)
        {
            builder.ToTable("issuance_epochs").HasKey(row => row.IssuanceEpochId);
            builder.HasIndex(row => row.WindowEndMs).IsUnique();
        }
    }
}

/// <summary>What an epoch issues to an account. The account's home posts it, once.</summary>
[KeyOrder]
internal sealed class IssuanceAllocationRow
{
    /// <summary>Epoch.</summary>
    public required string IssuanceEpochId { get; init; }

    /// <summary>Account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Its home.</summary>
    public required string HomeCoordinatorId { get; init; }

    /// <summary>The transfer that posts it: its id follows from epoch and account (8.1).</summary>
    public required string AllocationId { get; init; }

    /// <summary>Weight, in millionths.</summary>
    public required long WeightMicro { get; init; }

    /// <summary>Millicredits.</summary>
    public required long IssuedMc { get; init; }

    /// <summary>When it was posted here; null while it is not, and for an account of another home.</summary>
    public long? PostedAtMs { get; init; }

    /// <summary>When it was calculated.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<IssuanceAllocationRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<IssuanceAllocationRow> builder)
        {
            builder.HasKey(row => new { row.IssuanceEpochId, row.AccountId, row.HomeCoordinatorId });
            builder.HasIndex(row => row.HomeCoordinatorId).HasFilter("posted_at_ms IS NULL");
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>What a verify or audit lease may cost the operator: one pending transfer to the account that is paid.</summary>
internal sealed class RecheckChargeRow
{
    /// <summary>The lease.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Task of what is run again.</summary>
    public required string TaskId { get; init; }

    /// <summary>The pending transfer.</summary>
    public required string TransferId { get; init; }

    /// <summary>Account that pays: <c>ops:&lt;peerId&gt;</c>.</summary>
    public required string PayerAccountId { get; init; }

    /// <summary>Account that is paid.</summary>
    public required string RewardAccountId { get; init; }

    /// <summary>Most it can cost.</summary>
    public required long CapMc { get; init; }

    /// <summary>What the formula gives for its verdict; paid when that stands.</summary>
    public long EarnedMc { get; init; }

    /// <summary>Whether it was posted or voided.</summary>
    public bool Ended { get; init; }

    /// <summary>Paid.</summary>
    public long PostedMc { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<RecheckChargeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<RecheckChargeRow> builder) => builder.ToTable("recheck_charges").HasKey(row => row.LeaseId);
    }
}

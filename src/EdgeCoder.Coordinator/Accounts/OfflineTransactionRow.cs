using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Work that two machines settled without a coordinator, applied once (economy-and-ledger 17).</summary>
internal sealed class OfflineTransactionRow
{
    /// <summary>The transaction, named by its parties.</summary>
    public required string TxId { get; init; }

    /// <summary>Allowance that it was spent of.</summary>
    public required string AllowanceId { get; init; }

    /// <summary>Who worked.</summary>
    public required string ProviderId { get; init; }

    /// <summary>What was paid, in millicredits.</summary>
    public required long CreditsMc { get; init; }

    /// <summary>The exact bytes that both signed.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The requester's signature.</summary>
    public required string RequesterSig { get; init; }

    /// <summary>The provider's signature.</summary>
    public required string ProviderSig { get; init; }

    /// <summary>When it was applied.</summary>
    public required long AppliedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<OfflineTransactionRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<OfflineTransactionRow> builder)
        {
            builder.HasKey(row => row.TxId);
            builder.HasIndex(row => row.AllowanceId);
        }
    }
}

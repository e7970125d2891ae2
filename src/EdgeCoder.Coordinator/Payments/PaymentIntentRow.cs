using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>A purchase of credits (economy-and-ledger 6.1). Everything it comes to is fixed when it is made; only its status, the invoice and what was received change.</summary>
internal sealed class PaymentIntentRow
{
    /// <summary>UUID.</summary>
    public required string IntentId { get; init; }

    /// <summary>Who gets the credits.</summary>
    public required string AccountId { get; init; }

    /// <summary>This coordinator.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>lightning.</summary>
    public required string WalletType { get; init; }

    /// <summary>bitcoin, testnet, signet or regtest.</summary>
    public required string Network { get; init; }

    /// <summary>Who made the invoice and is asked about it.</summary>
    public required string Provider { get; init; }

    /// <summary>The BOLT 11 string; null until the provider has answered.</summary>
    public string? InvoiceRef { get; init; }

    /// <summary>64 hex digits, of one intent only; null until the provider has answered.</summary>
    public string? PaymentHash { get; init; }

    /// <summary>What is paid.</summary>
    public required long AmountSats { get; init; }

    /// <summary>The coordinator's fee in basis points.</summary>
    public required long FeeBps { get; init; }

    /// <summary>That fee.</summary>
    public required long FeeSats { get; init; }

    /// <summary>What is left.</summary>
    public required long NetSats { get; init; }

    /// <summary>What a credit cost when it was made.</summary>
    public required long SatsPerCredit { get; init; }

    /// <summary>What it buys, in millicredits.</summary>
    public required long QuotedMc { get; init; }

    /// <summary>State; every change is conditional on it.</summary>
    public required PaymentStatus Status { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Until when it can be paid in time.</summary>
    public required long ExpiresAtMs { get; init; }

    /// <summary>When the provider was last asked; 0: never. Those waiting longest are asked first.</summary>
    public long AskedAtMs { get; init; }

    /// <summary>When it was credited.</summary>
    public long? SettledAtMs { get; init; }

    /// <summary><c>&lt;provider&gt;:&lt;paymentHash&gt;</c> once it is settled.</summary>
    public string? TxRef { get; init; }

    /// <summary>What came in, in thousandths of a sat; more than was asked for is recorded and not converted.</summary>
    public long? ReceivedMsat { get; init; }

    /// <summary>The exact bytes of the receipt, once it is settled.</summary>
    public byte[]? Receipt { get; init; }

    /// <summary>Their signature.</summary>
    public string? ReceiptSignature { get; init; }

    /// <summary>Who made it and their <c>Idempotency-Key</c>; null without one.</summary>
    public string? RequestKey { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<PaymentIntentRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<PaymentIntentRow> builder)
        {
            builder.ToTable("payment_intents", table => table.HasCheckConstraint("payment_intents_amounts", "amount_sats > 0 AND fee_sats >= 0 AND net_sats > 0 AND quoted_mc > 0 AND fee_sats + net_sats = amount_sats"));
            builder.HasKey(row => row.IntentId);
            builder.Property(row => row.Status).HasConversion(new EnumTextConverter<PaymentStatus>());
            builder.HasIndex(row => row.PaymentHash).IsUnique();
            builder.HasIndex(row => row.TxRef).IsUnique();
            builder.HasIndex(row => row.RequestKey).IsUnique();
            builder.HasIndex(row => row.InvoiceRef);
            builder.HasIndex(row => new { row.AccountId, row.CreatedAtMs });
            builder.HasIndex(row => new { row.Status, row.AskedAtMs });
        }
    }
}

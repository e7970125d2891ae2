using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Sats on their way from <c>payable:&lt;accountId&gt;</c> to a wallet (economy-and-ledger 6.4). Destination, amount and cap never change; every change of state is conditional on the state before.</summary>
internal sealed class WalletSendRow
{
    /// <summary>UUID.</summary>
    public required string RequestId { get; init; }

    /// <summary>Whose sats.</summary>
    public required string AccountId { get; init; }

    /// <summary>The node that pays (<see cref="Lightning.ILightningPayer.Node"/>): only its word counts.</summary>
    public required string Node { get; init; }

    /// <summary>BOLT 11, in lower case.</summary>
    public required string Destination { get; init; }

    /// <summary>64 hex digits, of one send that was ever given to a node.</summary>
    public required string PaymentHash { get; init; }

    /// <summary>What arrives.</summary>
    public required long AmountSats { get; init; }

    /// <summary>The most that it may cost beyond.</summary>
    public required long FeeCapSats { get; init; }

    /// <summary>When the invoice can be paid no more: then a node that knows no payment will make none.</summary>
    public required long InvoiceEndsAtMs { get; init; }

    /// <summary>State.</summary>
    public required WalletSendStatus Status { get; init; }

    /// <summary>Code why it failed.</summary>
    public string? Reason { get; init; }

    /// <summary>What it holds or cost, in msat; 0 before its confirmation and when it failed. The limits count it.</summary>
    public long ChargedMsat { get; init; }

    /// <summary>What the node took beyond the amount, once it is sent.</summary>
    public long? FeeMsat { get; init; }

    /// <summary>The pending transfer.</summary>
    public string? HoldId { get; init; }

    /// <summary>The person's id whose second factor confirmed it.</summary>
    public string? ConfirmedBy { get; init; }

    /// <summary>The portal's id of that confirmation; of one send only.</summary>
    public string? ChallengeId { get; init; }

    /// <summary>Operator who decided.</summary>
    public string? ReviewedBy { get; init; }

    /// <summary>Why, in that operator's words; in no log.</summary>
    public string? ReviewReason { get; init; }

    /// <summary>Operator who ended it, for its node is lost.</summary>
    public string? ClosedBy { get; init; }

    /// <summary>How that operator knew; in no log.</summary>
    public string? CloseReason { get; init; }

    /// <summary>When it was asked for.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When the node was given it; null: never.</summary>
    public long? SendingAtMs { get; init; }

    /// <summary>When the node was last asked about it; 0: never. Those waiting longest are asked first.</summary>
    public long AskedAtMs { get; init; }

    /// <summary>When it was sent or failed.</summary>
    public long? EndedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<WalletSendRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<WalletSendRow> builder)
        {
            builder.ToTable("wallet_send_requests", table => table.HasCheckConstraint("wallet_send_requests_amounts", "amount_sats > 0 AND fee_cap_sats >= 0 AND charged_msat >= 0"));
            builder.HasKey(row => row.RequestId);
            builder.Property(row => row.Status).HasConversion(new EnumTextConverter<WalletSendStatus>());

            // What was given to a node is given to none again, also when it failed; what never was leaves its invoice free.
            builder.HasIndex(row => row.PaymentHash).IsUnique().HasFilter("status <> 'failed' OR sending_at_ms IS NOT NULL");
            builder.HasIndex(row => row.ChallengeId).IsUnique();
            builder.HasIndex(row => new { row.AccountId, row.CreatedAtMs });
            builder.HasIndex(row => new { row.Status, row.AskedAtMs });
        }
    }
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>An immutable movement of credits or msat (economy-and-ledger 2).</summary>
[KeyOrder]
internal sealed class TransferRow
{
    /// <summary>128 bits, 32 hex digits; the idempotency key. See <see cref="TransferId"/>.</summary>
    public required string TransferId { get; init; }

    /// <summary>Transfers of one chain commit all or none.</summary>
    public string? ChainId { get; init; }

    /// <summary>One of <see cref="TransferPhases"/>.</summary>
    public required string Phase { get; init; }

    /// <summary>Who gives.</summary>
    public required string DebitAccountId { get; init; }

    /// <summary>Who gets.</summary>
    public required string CreditAccountId { get; init; }

    /// <summary>That of both accounts: <c>credit</c> or <c>msat</c>.</summary>
    public string Unit { get; init; } = "credit";

    /// <summary>Millicredits or msat: 1 to <see cref="Ledger.Amounts.Millicredits.Largest"/>.</summary>
    public required long Amount { get; init; }

    /// <summary>The pending transfer that this one posts or voids; at most one does.</summary>
    public string? PendingId { get; init; }

    /// <summary>From then on a pending one counts as void; null: never.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>One of <see cref="TransferCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>Reason as history shows it.</summary>
    public required string Reason { get; init; }

    /// <summary>Task.</summary>
    public string? RelatedTaskId { get; init; }

    /// <summary>Operator who did it.</summary>
    public string? OperatorId { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TransferRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TransferRow> builder)
        {
            builder.ToTable("transfers", table => table.HasCheckConstraint("ck_transfers_amount", "amount > 0")).HasKey(row => row.TransferId);
            builder.HasIndex(row => row.PendingId).IsUnique();
            builder.HasIndex(row => row.RelatedTaskId);

            // Holds of tasks end with their charge, which knows when.
            builder.HasIndex(row => row.ExpiresAtMs).HasFilter("expires_at_ms IS NOT NULL AND code <> 'task_reserve'");

            // History of an account: what it gave or holds, and what it got.
            builder.HasIndex(row => new { row.DebitAccountId, row.CreatedAtMs }).HasFilter("phase <> 'void'");
            builder.HasIndex(row => new { row.CreditAccountId, row.CreatedAtMs }).HasFilter("phase IN ('posted', 'post')");
        }
    }
}

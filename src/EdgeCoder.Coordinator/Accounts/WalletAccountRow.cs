using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>A wallet that the owner of an account registered (economy-and-ledger 4). Public keys and addresses; a secret only as its owner's own cipher text.</summary>
internal sealed class WalletAccountRow
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>lightning or onchain.</summary>
    public required string WalletType { get; init; }

    /// <summary>bitcoin, testnet or signet.</summary>
    public required string Network { get; init; }

    /// <summary>Extended public key.</summary>
    public string? Xpub { get; init; }

    /// <summary>Public key of a Lightning node.</summary>
    public string? LnNodePubkey { get; init; }

    /// <summary>Where payouts go.</summary>
    public string? PayoutAddress { get; init; }

    /// <summary>Reference to a secret that only its owner can open.</summary>
    public string? EncryptedSecretRef { get; init; }

    /// <summary>When.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<WalletAccountRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<WalletAccountRow> builder) => builder.HasKey(row => new { row.AccountId, row.WalletType, row.Network });
    }
}

using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>That a person belongs to an account (economy-and-ledger 4).</summary>
[KeyOrder]
internal sealed class AccountMembershipRow
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The portal's id of the person.</summary>
    public required string UserId { get; init; }

    /// <summary>owner, admin or member.</summary>
    public required AccountRole Role { get; init; }

    /// <summary>Since when.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AccountMembershipRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AccountMembershipRow> builder)
        {
            builder.HasKey(row => new { row.AccountId, row.UserId });
            builder.HasIndex(row => row.UserId);
        }
    }
}

/// <summary>What a member may do, each more than the one before.</summary>
internal enum AccountRole
{
    /// <summary>Reads and spends.</summary>
    Member,

    /// <summary>Manages members and links of agents.</summary>
    Admin,

    /// <summary>Everything.</summary>
    Owner,
}

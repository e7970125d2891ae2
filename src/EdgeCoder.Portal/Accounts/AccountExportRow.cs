using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Accounts;

/// <summary>What a person took out, kept for a day.</summary>
internal sealed class AccountExportRow
{
    /// <summary>UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Whose.</summary>
    public required string AccountId { get; init; }

    /// <summary>The ZIP.</summary>
    public required byte[] Archive { get; init; }

    /// <summary>Until when.</summary>
    public required long ExpiresAtMs { get; init; }
}

internal sealed class AccountExportRowConfiguration : IEntityTypeConfiguration<AccountExportRow>
{
    public void Configure(EntityTypeBuilder<AccountExportRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.AccountId);
        builder.HasIndex(row => row.ExpiresAtMs);
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

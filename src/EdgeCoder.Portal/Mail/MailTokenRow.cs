using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Mail;

/// <summary>What a link is for.</summary>
internal enum MailTokenPurpose
{
    /// <summary>Confirms an address.</summary>
    VerifyEmail,

    /// <summary>Sets a password.</summary>
    ResetPassword,

    /// <summary>Makes the first administrator.</summary>
    Setup,

    /// <summary>Takes another address.</summary>
    ChangeEmail,

    /// <summary>Gives the former address back.</summary>
    UndoEmail,

    /// <summary>Keeps an account that was to be deleted.</summary>
    UndoDelete,
}

/// <summary>A link that works once, by the hash of its token.</summary>
internal sealed class MailTokenRow
{
    /// <summary>SHA-256 of the token, hex.</summary>
    public required string TokenHash { get; init; }

    /// <summary>What it is for.</summary>
    public required MailTokenPurpose Purpose { get; init; }

    /// <summary>Whose; null for the first administrator's.</summary>
    public string? AccountId { get; init; }

    /// <summary>The address that it is about; null for other purposes.</summary>
    public string? Detail { get; init; }

    /// <summary>Until when.</summary>
    public required long ExpiresAtMs { get; init; }
}

internal sealed class MailTokenRowConfiguration : IEntityTypeConfiguration<MailTokenRow>
{
    public void Configure(EntityTypeBuilder<MailTokenRow> builder)
    {
        builder.HasKey(row => row.TokenHash);
        builder.HasIndex(row => row.AccountId);
        builder.HasIndex(row => row.ExpiresAtMs);
        builder.HasOne<Accounts.AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

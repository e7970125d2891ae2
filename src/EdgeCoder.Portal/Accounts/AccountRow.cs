using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Accounts;

/// <summary>
/// A person. An address that nobody has confirmed reserves nothing: any number of unverified rows may name it, each with the password given with that very sign-up;
/// the confirmed one stays and the others go (portal-and-control-plane 5.2).
/// </summary>
internal sealed class AccountRow
{
    /// <summary>UUID, version 4, lower-case.</summary>
    public required string Id { get; init; }

    /// <summary>Trimmed and lower-cased.</summary>
    public required string Email { get; init; }

    /// <summary>When the address was confirmed first.</summary>
    public long? EmailVerifiedAtMs { get; init; }

    /// <summary>Hash of ASP.NET Core Identity; null without a password.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>As given; 2 to 100 characters.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Name of a theme.</summary>
    public required string Theme { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Since when nobody signs in to it.</summary>
    public long? DisabledAtMs { get; init; }

    /// <summary>When it is deleted; null unless its owner asked for that.</summary>
    public long? DeleteAtMs { get; init; }

    /// <summary>What settings gave the address when it was last looked at, in words separated by spaces; null for nothing.</summary>
    public string? ConfiguredRoles { get; init; }

    /// <summary>Wrong passwords since the last right one or the last lock.</summary>
    public required long FailedPasswords { get; init; }

    /// <summary>Locks since the last right password; each is twice as long as the one before.</summary>
    public required long Locks { get; init; }

    /// <summary>Until when no password is taken.</summary>
    public required long LockedUntilMs { get; init; }
}

internal sealed class AccountRowConfiguration : IEntityTypeConfiguration<AccountRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.Email, "ix_accounts_email");
        builder.HasIndex(row => row.Email, "ux_accounts_verified_email").IsUnique().HasFilter("email_verified_at_ms IS NOT NULL");
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>A passkey of a person: what ASP.NET Core Identity keeps of a WebAuthn credential, and its last use.</summary>
internal sealed class PasskeyRow
{
    /// <summary>Credential id, base64url.</summary>
    public required string CredentialId { get; init; }

    /// <summary>UUID under which its owner sees it.</summary>
    public required string Id { get; init; }

    /// <summary>Whose.</summary>
    public required string AccountId { get; init; }

    /// <summary>Relying party that it was made for.</summary>
    public required string RpId { get; init; }

    /// <summary>What its owner calls it; 1 to 60 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Public key, COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Signature counter; 0 where the authenticator has none.</summary>
    public required long SignCount { get; init; }

    /// <summary>Transports, separated by spaces.</summary>
    public required string Transports { get; init; }

    /// <summary>Whether it may be backed up (1) or not (0).</summary>
    public required long BackupEligible { get; init; }

    /// <summary>Whether it is backed up (1) or not (0).</summary>
    public required long BackedUp { get; init; }

    /// <summary>Attestation object of the registration.</summary>
    public required byte[] AttestationObject { get; init; }

    /// <summary>Client data of the registration.</summary>
    public required byte[] ClientDataJson { get; init; }

    /// <summary>When it was registered.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When it was used last; null before.</summary>
    public long? LastUsedAtMs { get; init; }
}

internal sealed class PasskeyRowConfiguration : IEntityTypeConfiguration<PasskeyRow>
{
    public void Configure(EntityTypeBuilder<PasskeyRow> builder)
    {
        builder.HasKey(row => row.CredentialId);
        builder.HasIndex(row => row.Id).IsUnique();
        builder.HasIndex(row => row.AccountId);
        builder.HasOne<Accounts.AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Sessions;

/// <summary>A signed-in browser or program, by the hash of its key (portal-and-control-plane 5.3).</summary>
internal sealed class SessionRow
{
    /// <summary>SHA-256 of the key, hex.</summary>
    public required string KeyHash { get; init; }

    /// <summary>UUID under which its owner sees and ends it.</summary>
    public required string Id { get; init; }

    /// <summary>Whose.</summary>
    public required string AccountId { get; init; }

    /// <summary>When the person signed in.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Last request, to the minute.</summary>
    public required long LastSeenMs { get; init; }

    /// <summary>When it ends at the latest.</summary>
    public required long ExpiresAtMs { get; init; }

    /// <summary>Browser and system in words, of the user agent.</summary>
    public required string Device { get; init; }

    /// <summary>Address at sign-in.</summary>
    public required string Address { get; init; }
}

internal sealed class SessionRowConfiguration : IEntityTypeConfiguration<SessionRow>
{
    public void Configure(EntityTypeBuilder<SessionRow> builder)
    {
        builder.HasKey(row => row.KeyHash);
        builder.HasIndex(row => row.Id).IsUnique();
        builder.HasIndex(row => row.AccountId);
        builder.HasIndex(row => row.ExpiresAtMs);
        builder.HasOne<Accounts.AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

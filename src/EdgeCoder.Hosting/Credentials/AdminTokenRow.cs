using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>A named operator token (O), by its hash.</summary>
public sealed class AdminTokenRow
{
    /// <summary><see cref="SecretDigest.Hex"/> of the token.</summary>
    public required string TokenHash { get; init; }

    /// <summary>Name in the audit log.</summary>
    public required string Name { get; init; }

    /// <summary>Scopes separated by spaces; <c>*</c> is all.</summary>
    public required string Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>From when on it is void.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>Since when it is void.</summary>
    public long? RevokedAtMs { get; init; }
}

internal sealed class AdminTokenRowConfiguration : IEntityTypeConfiguration<AdminTokenRow>
{
    public void Configure(EntityTypeBuilder<AdminTokenRow> builder) => builder.HasKey(row => row.TokenHash);
}

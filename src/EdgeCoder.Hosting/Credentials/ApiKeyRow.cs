using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>A personal API key (U), by its hash.</summary>
public sealed class ApiKeyRow
{
    /// <summary><see cref="SecretDigest.Hex"/> of the key.</summary>
    public required string KeyHash { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Account it acts for.</summary>
    public required string AccountId { get; init; }

    /// <summary>Tenants of that account, separated by spaces.</summary>
    public required string Tenants { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Since when it is void.</summary>
    public long? RevokedAtMs { get; init; }
}

internal sealed class ApiKeyRowConfiguration : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> builder) => builder.HasKey(row => row.KeyHash);
}

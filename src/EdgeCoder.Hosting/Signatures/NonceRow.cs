using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>A nonce that was used (check 7); it stays until no request with it could pass check 4.</summary>
[KeyOrder]
public sealed class NonceRow
{
    /// <summary>First 16 bytes of SHA-256 of key id LF nonce.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>When it may be forgotten.</summary>
    public required long ExpiresAtMs { get; init; }
}

internal sealed class NonceRowConfiguration : IEntityTypeConfiguration<NonceRow>
{
    public void Configure(EntityTypeBuilder<NonceRow> builder)
    {
        builder.HasKey(row => row.Digest);
        builder.HasIndex(row => row.ExpiresAtMs);
    }
}

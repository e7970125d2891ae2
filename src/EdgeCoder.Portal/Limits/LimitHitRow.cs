using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Limits;

/// <summary>One attempt that a limit counts. Rows, not memory: a restart or a second instance clears nothing (portal-and-control-plane 3.3).</summary>
internal sealed class LimitHitRow
{
    /// <summary>UUID, version 7.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the limit and SHA-256 of whom it counts.</summary>
    public required string Bucket { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class LimitHitRowConfiguration : IEntityTypeConfiguration<LimitHitRow>
{
    public void Configure(EntityTypeBuilder<LimitHitRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Bucket, row.AtMs });
        builder.HasIndex(row => row.AtMs);
    }
}

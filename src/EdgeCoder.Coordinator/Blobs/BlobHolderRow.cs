using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>
/// Somebody who has shown a blob's bytes, or for whom the coordinator made it. Knowing a digest is not enough to read a blob: digests are in logs and receipts.
/// </summary>
internal sealed class BlobHolderRow
{
    /// <summary>The blob.</summary>
    public required string Sha256 { get; init; }

    /// <summary><c>account:…</c> or <c>agent:…</c>, see <see cref="BlobRecords"/>.</summary>
    public required string Holder { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When it was stored or named last.</summary>
    public required long HeldAtMs { get; init; }

    /// <summary>Table and keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BlobHolderRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BlobHolderRow> builder)
        {
            builder.HasKey(r => new { r.Sha256, r.Holder });
            builder.HasIndex(r => r.Holder);
        }
    }
}

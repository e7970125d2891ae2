using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Manifests;

/// <summary>A manifest of a model, of this coordinator or of a peer (economy-and-ledger 16.3).</summary>
internal sealed class ModelManifestRow
{
    /// <summary>Coordinator that vouches for it.</summary>
    public required string SignerPeerId { get; init; }

    /// <summary>The model.</summary>
    public required string ModelId { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The exact signed bytes.</summary>
    public required byte[] Signed { get; init; }

    /// <summary>When it came here.</summary>
    public required long AtMs { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ModelManifestRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ModelManifestRow> builder) => builder.HasKey(r => new { r.SignerPeerId, r.ModelId, r.Version });
    }
}

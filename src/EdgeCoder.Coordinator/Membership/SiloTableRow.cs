using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Membership;

/// <summary>Version of a cluster's table of silos: every change of membership moves it, so that no two silos change it from the same view.</summary>
internal sealed class SiloTableRow
{
    /// <summary>Cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Grows with each change.</summary>
    public required int Version { get; init; }

    /// <summary>Unique for each version.</summary>
    public required string Etag { get; init; }

    /// <summary>Table and keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<SiloTableRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<SiloTableRow> builder) => builder.HasKey(r => r.ClusterId);
    }
}

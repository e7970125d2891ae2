using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>A record of a peer's log, as its exact bytes (economy-and-ledger 12). It is not a leaf of the own log.</summary>
[KeyOrder]
internal sealed class MirrorLeafRow
{
    /// <summary>Coordinator whose log it is of.</summary>
    public required string Source { get; init; }

    /// <summary>Place, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of the record, hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The exact bytes.</summary>
    public required byte[] Leaf { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<MirrorLeafRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<MirrorLeafRow> builder) => builder.HasKey(r => new { r.Source, r.Sequence });
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>A witness's cosignature of a checkpoint of the own log (economy-and-ledger 9.5). It is no leaf.</summary>
internal sealed class LogCosignatureRow
{
    /// <summary>Leaves of the checkpoint.</summary>
    public required long Size { get; init; }

    /// <summary>Peer that cosigned.</summary>
    public required string WitnessId { get; init; }

    /// <summary>Its line below the note, as it came.</summary>
    public required string Line { get; init; }

    /// <summary>When it came.</summary>
    public required long AtMs { get; init; }

    /// <summary>Keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LogCosignatureRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LogCosignatureRow> builder)
        {
            builder.HasKey(r => new { r.Size, r.WitnessId });
            builder.HasIndex(r => new { r.WitnessId, r.Size });
        }
    }
}

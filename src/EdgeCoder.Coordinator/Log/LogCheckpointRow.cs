using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Log;

/// <summary>A checkpoint that was signed (economy-and-ledger 9.4). One for each size: no coordinator signs two of one size.</summary>
internal sealed class LogCheckpointRow
{
    /// <summary>Whose log.</summary>
    public required string Origin { get; init; }

    /// <summary>Leaves.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the note's text, hex: how records and anchors name it.</summary>
    public required string CheckpointHash { get; init; }

    /// <summary>The signed note.</summary>
    public required string Note { get; init; }

    /// <summary>When it was signed.</summary>
    public required long AtMs { get; init; }

    /// <summary>Keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LogCheckpointRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LogCheckpointRow> builder) => builder.HasKey(r => new { r.Origin, r.Size });
    }
}

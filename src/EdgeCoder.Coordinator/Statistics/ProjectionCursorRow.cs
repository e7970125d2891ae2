using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>How far a log is projected (economy-and-ledger 12). It moves in the transaction of what is projected, so each record is projected exactly once.</summary>
internal sealed class ProjectionCursorRow
{
    /// <summary>Whose log.</summary>
    public required string Source { get; init; }

    /// <summary>The last record that is projected.</summary>
    public required long Sequence { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ProjectionCursorRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ProjectionCursorRow> builder) => builder.HasKey(row => row.Source);
    }
}

using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>What a log says of a node, by its newest <c>node_validation</c> and <c>node_approval</c> (economy-and-ledger 12).</summary>
[KeyOrder]
internal sealed class ProjectedNodeRow
{
    /// <summary>Whose log.</summary>
    public required string Source { get; init; }

    /// <summary><c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its id.</summary>
    public required string NodeId { get; init; }

    /// <summary>Whether the newest decision lets it work; false before the first.</summary>
    public required bool Approved { get; init; }

    /// <summary>Time of the newest record about it.</summary>
    public required long LastSeenMs { get; init; }

    /// <summary>Place of that record.</summary>
    public required long Sequence { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ProjectedNodeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ProjectedNodeRow> builder) => builder.HasKey(row => new { row.Source, row.Kind, row.NodeId });
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Equivocations;

/// <summary>Evidence that a peer's log has two histories (economy-and-ledger 9.7), as its exact bytes. It is never removed.</summary>
internal sealed class LogEquivocationRow
{
    /// <summary>SHA-256 of the evidence, hex.</summary>
    public required string EvidenceSha256 { get; init; }

    /// <summary>Whose log.</summary>
    public required string PeerId { get; init; }

    /// <summary>The file, as anybody checks it.</summary>
    public required byte[] Evidence { get; init; }

    /// <summary>When it was found.</summary>
    public required long AtMs { get; init; }

    /// <summary>Keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LogEquivocationRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LogEquivocationRow> builder)
        {
            builder.HasKey(r => r.EvidenceSha256);
            builder.HasIndex(r => r.PeerId);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Log;

/// <summary>The newest checkpoint of another's log that this coordinator has cosigned (economy-and-ledger 9.5). It only grows.</summary>
internal sealed class WitnessStateRow
{
    /// <summary>Whose log.</summary>
    public required string Origin { get; init; }

    /// <summary>Leaves.</summary>
    public required long Size { get; init; }

    /// <summary>Root of that size.</summary>
    public required byte[] Root { get; init; }

    /// <summary>The checkpoint as the log has signed it: the log itself asks for it at its start, and it is one half of the evidence against a second history.</summary>
    public required string Note { get; init; }

    /// <summary>When it was cosigned.</summary>
    public required long AtMs { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<WitnessStateRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<WitnessStateRow> builder) => builder.HasKey(r => r.Origin);
    }
}

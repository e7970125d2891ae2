using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Keys;

/// <summary>Why the coordinator's key was changed. It stays here: the log has no words of people.</summary>
internal sealed class KeyChangeRow
{
    /// <summary>The new key.</summary>
    public required string NewKeyId { get; init; }

    /// <summary>The operator; null where it was changed by itself.</summary>
    public string? OperatorId { get; init; }

    /// <summary>What the operator said; <c>schedule</c> where it was due.</summary>
    public required string Reason { get; init; }

    /// <summary>When, in milliseconds since 1970.</summary>
    public required long AtMs { get; init; }

    /// <summary>Key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<KeyChangeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<KeyChangeRow> builder) => builder.HasKey(row => row.NewKeyId);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Standing;

/// <summary>An operator has looked at a quarantine and lets it run to its end.</summary>
internal sealed class QuarantineReviewRow
{
    /// <summary>Whose quarantine.</summary>
    public required string AgentId { get; init; }

    /// <summary>Its end, which tells it from others of the agent.</summary>
    public required long UntilMs { get; init; }

    /// <summary>Name of the operator.</summary>
    public required string OperatorId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary>Table and key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<QuarantineReviewRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<QuarantineReviewRow> builder)
        {
            builder.ToTable("quarantine_reviews");
            builder.HasKey(r => new { r.AgentId, r.UntilMs });
        }
    }
}

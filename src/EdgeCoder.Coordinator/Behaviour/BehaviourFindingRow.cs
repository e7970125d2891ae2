using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>A rule of behaviour that applied to an agent. With its newest fact it is there once, however many silos find it.</summary>
internal sealed class BehaviourFindingRow
{
    /// <summary>Whom.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>BHV001</c> to <c>BHV010</c>.</summary>
    public required string RuleId { get; init; }

    /// <summary>Newest fact that contributes.</summary>
    public required long FactMs { get; init; }

    /// <summary>Weight as severity.</summary>
    public required BehaviourSeverity Severity { get; init; }

    /// <summary>Code.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>With its figures.</summary>
    public required string Description { get; init; }

    /// <summary>SHA-256 of the canonical finding, hex.</summary>
    public required string EvidenceHash { get; init; }

    /// <summary>When it was found.</summary>
    public required long AtMs { get; init; }

    /// <summary>Table, keys.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BehaviourFindingRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BehaviourFindingRow> builder)
        {
            builder.ToTable("behaviour_events");
            builder.HasKey(r => new { r.AgentId, r.RuleId, r.FactMs });
        }
    }
}

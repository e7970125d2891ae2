using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>An agent was silent although it held a lease when it was heard last.</summary>
internal sealed class HeartbeatGapRow
{
    /// <summary>Whom.</summary>
    public required string AgentId { get; init; }

    /// <summary>When it was heard again.</summary>
    public required long AtMs { get; init; }

    /// <summary>How long it was silent, in milliseconds.</summary>
    public required long GapMs { get; init; }

    /// <summary>Table and key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<HeartbeatGapRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<HeartbeatGapRow> builder)
        {
            builder.ToTable("heartbeat_gaps");
            builder.HasKey(r => new { r.AgentId, r.AtMs });
        }
    }
}

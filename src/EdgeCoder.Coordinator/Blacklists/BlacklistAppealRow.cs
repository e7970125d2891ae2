using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>An agent's appeal against an entry. The statement is here and in no log.</summary>
internal sealed class BlacklistAppealRow
{
    /// <summary>UUID.</summary>
    public required string AppealId { get; init; }

    /// <summary>Entry.</summary>
    public required string EventId { get; init; }

    /// <summary>Who appeals.</summary>
    public required string AgentId { get; init; }

    /// <summary>What it says.</summary>
    public required string Statement { get; init; }

    /// <summary>Exact signed bytes.</summary>
    public required byte[] Signed { get; init; }

    /// <summary>Signature of the agent, base64.</summary>
    public required string Signature { get; init; }

    /// <summary>When, by the agent's clock.</summary>
    public required long TimestampMs { get; init; }

    /// <summary><c>open</c>, <c>upheld</c> (the ban stays) or <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why an operator decided so.</summary>
    public string? Decision { get; init; }

    /// <summary>Table, key and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<BlacklistAppealRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<BlacklistAppealRow> builder)
        {
            builder.ToTable("blacklist_appeals");
            builder.HasKey(r => r.AppealId);
            builder.HasIndex(r => r.EventId);
        }
    }
}

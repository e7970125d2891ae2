using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>A key that is or was bound to an agent. A ban covers the agent id and every one of them (economy-and-ledger 14).</summary>
internal sealed class AgentKeyRow
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Hex SHA-256 of the key's SPKI bytes.</summary>
    public required string PublicKeySha256 { get; init; }

    /// <summary>The key, SPKI PEM.</summary>
    public required string PublicKeyPem { get; init; }

    /// <summary>When it was bound first.</summary>
    public required long BoundAtMs { get; init; }
}

internal sealed class AgentKeyConfiguration : IEntityTypeConfiguration<AgentKeyRow>
{
    public void Configure(EntityTypeBuilder<AgentKeyRow> builder)
    {
        builder.HasKey(r => new { r.AgentId, r.PublicKeySha256 });
        builder.HasIndex(r => r.PublicKeySha256);
    }
}

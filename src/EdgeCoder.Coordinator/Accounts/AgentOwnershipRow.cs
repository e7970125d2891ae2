using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Which account an agent's work is paid to, since when and by whose word (economy-and-ledger 4).</summary>
[KeyOrder]
internal sealed class AgentOwnershipRow
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The portal's id of the person who owns the machine.</summary>
    public required string OwnerUserId { get; init; }

    /// <summary>How that person calls the machine.</summary>
    public string? MachineLabel { get; init; }

    /// <summary>First linked.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Last linked.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AgentOwnershipRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AgentOwnershipRow> builder)
        {
            builder.ToTable("agent_ownership").HasKey(row => row.AgentId);
            builder.HasIndex(row => row.AccountId);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Agents;

internal sealed class AgentSightingConfiguration : IEntityTypeConfiguration<AgentSightingRow>
{
    public void Configure(EntityTypeBuilder<AgentSightingRow> builder) => builder.HasKey(r => r.AgentId);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Log;

internal sealed class LogEventConfiguration : IEntityTypeConfiguration<LogEventRow>
{
    public void Configure(EntityTypeBuilder<LogEventRow> builder)
    {
        builder.HasKey(r => r.Sequence);
        builder.HasIndex(r => r.TaskId);
    }
}

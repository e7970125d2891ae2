using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>An event of a task; sequences have no gaps, because they are counted in the task's row in the same transaction (coordinator-and-mesh 4.7).</summary>
[KeyOrder]
internal sealed class TaskEventRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; set; }

    /// <summary>1, 2, 3, ….</summary>
    public required long Sequence { get; set; }

    /// <summary><c>task.state</c>, <c>lease.granted</c>, ….</summary>
    public required string Type { get; set; }

    /// <summary>When.</summary>
    public required long AtMs { get; set; }

    /// <summary>What, as a JSON object.</summary>
    public required string DataJson { get; set; }

    /// <summary>Table and key.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TaskEventRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TaskEventRow> builder)
        {
            builder.ToTable("task_events");
            builder.HasKey(e => new { e.TaskId, e.Sequence });
        }
    }
}

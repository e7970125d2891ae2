using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What a task holds and has cost.</summary>
[KeyOrder]
internal sealed class TaskChargeRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Who pays.</summary>
    public required string AccountId { get; init; }

    /// <summary>The pending transfer that holds <see cref="HeldMc"/>; null when nothing is held.</summary>
    public string? HoldId { get; init; }

    /// <summary>Held and not carved.</summary>
    public long HeldMc { get; init; }

    /// <summary>Carved for leases that have not ended.</summary>
    public long CarvedMc { get; init; }

    /// <summary>Paid.</summary>
    public long PostedMc { get; init; }

    /// <summary>Given back.</summary>
    public long VoidedMc { get; init; }

    /// <summary>Number of the next hold; each has an id of its own.</summary>
    public long Generation { get; init; }

    /// <summary>When the hold lapses unless it is renewed.</summary>
    public required long HoldUntilMs { get; init; }

    /// <summary>Whether the task is final: what comes back is voided.</summary>
    public bool Ended { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TaskChargeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TaskChargeRow> builder)
        {
            builder.ToTable("task_charges").HasKey(row => row.TaskId);
            builder.HasIndex(row => row.HoldUntilMs).HasFilter("NOT ended");
        }
    }
}

/// <summary>What a lease may cost: one pending transfer to the account that is paid.</summary>
[KeyOrder]
internal sealed class LeaseChargeRow
{
    /// <summary>The lease.</summary>
    public required string LeaseId { get; init; }

    /// <summary>Its task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The pending transfer.</summary>
    public required string TransferId { get; init; }

    /// <summary>Most it can cost.</summary>
    public required long CapMc { get; init; }

    /// <summary>Who is paid: the account linked to the agent when the lease was granted.</summary>
    public required string RewardAccountId { get; init; }

    /// <summary>Whether it was posted or returned.</summary>
    public bool Ended { get; init; }

    /// <summary>Paid.</summary>
    public long PostedMc { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LeaseChargeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LeaseChargeRow> builder)
        {
            builder.ToTable("lease_charges").HasKey(row => row.LeaseId);
            builder.HasIndex(row => row.TaskId);
        }
    }
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>A holder of credits (economy-and-ledger 2). The counters are a cache of its transfers, in millicredits.</summary>
[KeyOrder]
internal sealed class AccountRow
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary><c>credit</c>.</summary>
    public string Unit { get; init; } = "credit";

    /// <summary>user, agent, peer, system, mint.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether debits, held ones included, may exceed credits: mints only.</summary>
    public bool MayOwe { get; init; }

    /// <summary>What it may owe, set by an operator.</summary>
    public long Overdraft { get; init; }

    /// <summary>Held.</summary>
    public long DebitsPending { get; init; }

    /// <summary>Spent.</summary>
    public long DebitsPosted { get; init; }

    /// <summary>Promised.</summary>
    public long CreditsPending { get; init; }

    /// <summary>Received.</summary>
    public long CreditsPosted { get; init; }

    /// <summary>Of what was received: for contributed work and purchases; the submission gate weighs it.</summary>
    public long Earned { get; init; }

    /// <summary>When it was opened.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<AccountRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<AccountRow> builder) => builder.ToTable("accounts").HasKey(row => row.AccountId);
    }
}

/// <summary>An immutable movement of credits (economy-and-ledger 2).</summary>
[KeyOrder]
internal sealed class TransferRow
{
    /// <summary>128 bits, 32 hex digits; the idempotency key. See <see cref="TransferId"/>.</summary>
    public required string TransferId { get; init; }

    /// <summary>Transfers of one chain commit all or none.</summary>
    public string? ChainId { get; init; }

    /// <summary>One of <see cref="TransferPhases"/>.</summary>
    public required string Phase { get; init; }

    /// <summary>Who gives.</summary>
    public required string DebitAccountId { get; init; }

    /// <summary>Who gets.</summary>
    public required string CreditAccountId { get; init; }

    /// <summary><c>credit</c>.</summary>
    public string Unit { get; init; } = "credit";

    /// <summary>Millicredits, more than 0.</summary>
    public required long Amount { get; init; }

    /// <summary>The pending transfer that this one posts or voids; at most one does.</summary>
    public string? PendingId { get; init; }

    /// <summary>One of <see cref="TransferCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>Reason as history shows it.</summary>
    public required string Reason { get; init; }

    /// <summary>Task.</summary>
    public string? RelatedTaskId { get; init; }

    /// <summary>When.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TransferRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TransferRow> builder)
        {
            builder.ToTable("transfers").HasKey(row => row.TransferId);
            builder.HasIndex(row => row.PendingId).IsUnique();
            builder.HasIndex(row => row.RelatedTaskId);
        }
    }
}

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

    /// <summary>Whether the task is final: what comes back is voided.</summary>
    public bool Ended { get; init; }

    /// <summary>Table.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<TaskChargeRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<TaskChargeRow> builder) => builder.ToTable("task_charges").HasKey(row => row.TaskId);
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

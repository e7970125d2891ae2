using EdgeCoder.Protocol.Leases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>Where a lease is.</summary>
internal enum LeaseState
{
    /// <summary>Held; it takes a slot of its agent.</summary>
    Live,

    /// <summary>Its result is stored.</summary>
    Reported,

    /// <summary>Deadline passed.</summary>
    Expired,

    /// <summary>Given back by the agent.</summary>
    Released,

    /// <summary>The agent never listed it.</summary>
    Undelivered,

    /// <summary>Taken away: approval withdrawn, agent blacklisted.</summary>
    Revoked,

    /// <summary>Its task ended.</summary>
    Cancelled,

    /// <summary>Verdict given.</summary>
    Closed,
}

/// <summary>A lease (coordinator-and-mesh 4.4): the right to one attempt.</summary>
internal sealed class LeaseRow
{
    /// <summary>16 random bytes, base64url.</summary>
    public required string LeaseId { get; set; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Queue partition that sweeps it.</summary>
    public required int Partition { get; set; }

    /// <summary>1 for the first try.</summary>
    public required int Attempt { get; set; }

    /// <summary>What for.</summary>
    public required LeasePurpose Purpose { get; set; }

    /// <summary>Holder.</summary>
    public required string AgentId { get; set; }

    /// <summary>Account of the holder's owner.</summary>
    public required string OwnerAccountId { get; set; }

    /// <summary>Project, for its share of the queue.</summary>
    public required string ProjectId { get; set; }

    /// <summary>State.</summary>
    public required LeaseState State { get; set; }

    /// <summary>Grant.</summary>
    public required long GrantedAtMs { get; set; }

    /// <summary>End unless a heartbeat extends it.</summary>
    public required long DeadlineMs { get; set; }

    /// <summary>Nothing extends it beyond.</summary>
    public required long HardDeadlineMs { get; set; }

    /// <summary>When it ended.</summary>
    public long? EndedAtMs { get; set; }

    /// <summary>Most it can cost.</summary>
    public required long CapMc { get; set; }

    /// <summary>Paid maximum, in milliseconds.</summary>
    public required int BudgetMs { get; set; }

    /// <summary>Quality, 10,000 = 1.</summary>
    public required int QualityBps { get; set; }

    /// <summary>Load.</summary>
    public required int LoadBps { get; set; }

    /// <summary>Model size.</summary>
    public required int ModelBps { get; set; }

    /// <summary>Audit window.</summary>
    public required string AuditWindowId { get; set; }

    /// <summary>CV of the agent at the grant.</summary>
    public required int Cv { get; set; }

    /// <summary>Exact signed bytes.</summary>
    public required byte[] Signed { get; set; }

    /// <summary>Whether the work was sealed: then its result must be.</summary>
    public required bool Sealed { get; set; }

    /// <summary>The envelope's exporter secret, encrypted with the coordinator's storage key; erased a day after the end.</summary>
    public byte[]? ExporterSecret { get; set; }

    /// <summary>The encapsulated key, base64: the reply is bound to it.</summary>
    public string? Enc { get; set; }

    /// <summary>Digests of the blobs that a sealed lease names, each followed by that of its sealed copy, as JSON; null without any.</summary>
    public string? BlobsJson { get; set; }

    /// <summary>Whether the holder has been told of the expiry in a heartbeat.</summary>
    public required bool Told { get; set; }

    /// <summary>Last step that the holder reported.</summary>
    public int? Step { get; set; }

    /// <summary>Reports that broke a form rule; the third ends the attempt.</summary>
    public int Faults { get; set; }

    /// <summary>The lease that a verify or audit lease runs again.</summary>
    public string? SubjectLeaseId { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<LeaseRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<LeaseRow> builder)
        {
            builder.ToTable("leases");
            builder.HasKey(l => l.LeaseId);
            builder.HasIndex(l => l.AgentId, "ix_leases_live").HasFilter("state = 'live'");
            builder.HasIndex(l => l.AgentId, "ix_leases_expired").HasFilter("state = 'expired'");
            builder.HasIndex(l => l.EndedAtMs).HasFilter("exporter_secret IS NOT NULL");
            builder.HasIndex(l => l.AgentId, "ix_leases_faults").HasFilter("faults > 0");
            builder.HasIndex(l => l.TaskId);
        }
    }
}

using EdgeCoder.Coordinator.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Results;

/// <summary>Where a result is.</summary>
internal enum ResultState
{
    /// <summary>Waits for a verifier.</summary>
    Reported,

    /// <summary>A verifier has claimed it.</summary>
    Verifying,

    /// <summary>Has its verdict, no audit is open.</summary>
    Closed,

    /// <summary>Accepted; an audit runs it again and its pay is held.</summary>
    Audited,
}

/// <summary>What an agent handed back for a lease (coordinator-and-mesh 4.5).</summary>
internal sealed class ResultRow
{
    /// <summary>Its lease; one result each.</summary>
    public required string LeaseId { get; set; }

    /// <summary>Subtask.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>Task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Signer; source of a candidate.</summary>
    public required string AgentId { get; set; }

    /// <summary>State.</summary>
    public required ResultState State { get; set; }

    /// <summary>What the agent says.</summary>
    public required bool Ok { get; set; }

    /// <summary>The code or text.</summary>
    public string? Output { get; set; }

    /// <summary>Digest that the agent signed.</summary>
    public required string ResultDigest { get; set; }

    /// <summary>Patch blob.</summary>
    public string? PatchDigest { get; set; }

    /// <summary>Logs blob.</summary>
    public string? LogsDigest { get; set; }

    /// <summary>The report in the clear, as JSON.</summary>
    public required byte[] Report { get; set; }

    /// <summary>Milliseconds from grant to acceptance of the message, by the coordinator's clock: what pay is measured by.</summary>
    public required long LeaseMs { get; set; }

    /// <summary>When it was stored.</summary>
    public required long ReportedAtMs { get; set; }

    /// <summary>Who may judge it, decided when it came.</summary>
    public VerifierPlace Place { get; set; }

    /// <summary>Verifier that has it.</summary>
    public string? ClaimedBy { get; set; }

    /// <summary>Its claim lapses then.</summary>
    public required long ClaimUntilMs { get; set; }

    /// <summary>Inconclusive tries so far.</summary>
    public required int Inconclusive { get; set; }

    /// <summary>Another report that the agent signed for the same lease: evidence (EL 14, P2).</summary>
    public byte[]? Conflict { get; set; }

    /// <summary>Table, keys and what is searched.</summary>
    internal sealed class Configuration : IEntityTypeConfiguration<ResultRow>
    {
        /// <inheritdoc/>
        public void Configure(EntityTypeBuilder<ResultRow> builder)
        {
            builder.ToTable("results");
            builder.HasKey(r => r.LeaseId);
            builder.HasIndex(r => r.ReportedAtMs).HasFilter("state = 'reported' OR state = 'verifying'");
            builder.HasIndex(r => r.TaskId);
            builder.HasIndex(r => new { r.AgentId, r.ReportedAtMs });
            builder.HasIndex(r => r.ReportedAtMs, "ix_results_conflict").HasFilter("conflict IS NOT NULL");
        }
    }
}

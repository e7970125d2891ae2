using EdgeCoder.Protocol.OperatorAudit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Audit;

/// <summary>A row of the audit log. It is written once and never changed or taken out; its members are those of <see cref="AuditLine"/>.</summary>
internal sealed class AuditLineRow
{
    /// <summary>Place in the log, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary>Who.</summary>
    public required string Actor { get; init; }

    /// <summary>Over what.</summary>
    public required string Via { get; init; }

    /// <summary>What was done.</summary>
    public required string Action { get; init; }

    /// <summary>To what.</summary>
    public required string Target { get; init; }

    /// <summary>Whose concern it is, too.</summary>
    public string? About { get; init; }

    /// <summary>Canonical JSON of what was.</summary>
    public string? Before { get; init; }

    /// <summary>Canonical JSON of what is.</summary>
    public string? After { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Change request.</summary>
    public string? ChangeId { get; init; }

    /// <summary>Evidence kept elsewhere.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>Trace of the request.</summary>
    public string? TraceId { get; init; }

    /// <summary>Hash of the row before.</summary>
    public required string PrevHash { get; init; }

    /// <summary>Hash of this row.</summary>
    public required string Hash { get; init; }

    /// <summary>What is hashed, from the columns as they are: an edited column shows in every dump.</summary>
    public AuditLine Line => new()
    {
        Seq = Seq, AtMs = AtMs, Actor = Actor, Via = Via, Action = Action, Target = Target, About = About, Before = Before, After = After,
        Reason = Reason, ChangeId = ChangeId, EvidenceRef = EvidenceRef, TraceId = TraceId, PrevHash = PrevHash,
    };
}

internal sealed class AuditLineRowConfiguration : IEntityTypeConfiguration<AuditLineRow>
{
    public void Configure(EntityTypeBuilder<AuditLineRow> builder)
    {
        builder.HasKey(row => row.Seq);
        builder.Property(row => row.Seq).ValueGeneratedNever();
        builder.HasIndex(row => new { row.Actor, row.Seq });
        builder.HasIndex(row => new { row.Action, row.Seq });
        builder.HasIndex(row => new { row.Target, row.Seq });
        builder.HasIndex(row => new { row.About, row.Seq });
    }
}

/// <summary>
/// The end of the audit log: one row, which every writer changes before it adds its own. Two writers of different processes therefore meet here, and one of them begins again
/// (PostgreSQL 13.2.3, serializable isolation); the chain cannot fork.
/// </summary>
internal sealed class AuditHeadRow
{
    /// <summary>Always <see cref="Only"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Place of the last row.</summary>
    public required long Seq { get; init; }

    /// <summary>Its hash.</summary>
    public required string Hash { get; init; }

    /// <summary>Last place that the coordinator's log has.</summary>
    public required long CheckpointedSeq { get; init; }

    /// <summary>The only id.</summary>
    public const string Only = "audit";
}

internal sealed class AuditHeadRowConfiguration : IEntityTypeConfiguration<AuditHeadRow>
{
    public void Configure(EntityTypeBuilder<AuditHeadRow> builder) => builder.HasKey(row => row.Id);
}

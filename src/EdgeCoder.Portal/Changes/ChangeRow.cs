using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Changes;

/// <summary>How far a change request is.</summary>
internal enum ChangeStatus
{
    /// <summary>Waits for approvals.</summary>
    Pending,

    /// <summary>Somebody refused it.</summary>
    Rejected,

    /// <summary>Who proposed it took it back.</summary>
    Withdrawn,

    /// <summary>Nobody decided in time.</summary>
    Expired,

    /// <summary>Approved, and done once.</summary>
    Executed,

    /// <summary>Approved, and no longer possible.</summary>
    Failed,
}

/// <summary>A change that waits for a second person (portal-and-control-plane 10.1). What is done are the bytes that were proposed.</summary>
internal sealed class ChangeRow
{
    /// <summary>UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the action.</summary>
    public required string Action { get; init; }

    /// <summary>RFC 8785 JSON <c>{v:1,action,actor,params,changeId,proposedAtMs,expiresAtMs}</c>.</summary>
    public required byte[] CanonicalAction { get; init; }

    /// <summary>SHA-256 of those bytes, hex: what approvals are over.</summary>
    public required string ActionHash { get; init; }

    /// <summary><c>user:ID</c>.</summary>
    public required string ProposedBy { get; init; }

    /// <summary>When.</summary>
    public required long ProposedAtMs { get; init; }

    /// <summary>Until when it waits.</summary>
    public required long ExpiresAtMs { get; init; }

    /// <summary>Persons that it needs, who proposed it among them.</summary>
    public required long Required { get; init; }

    /// <summary>How far.</summary>
    public required ChangeStatus Status { get; init; }

    /// <summary>When it ended.</summary>
    public long? EndedAtMs { get; init; }

    /// <summary>Who ended it.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Why it was rejected, or the code of why it could not be done.</summary>
    public string? Reason { get; init; }
}

internal sealed class ChangeRowConfiguration : IEntityTypeConfiguration<ChangeRow>
{
    public void Configure(EntityTypeBuilder<ChangeRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Status, row.ExpiresAtMs });
        builder.HasIndex(row => row.ProposedAtMs);
    }
}

/// <summary>Somebody's approval.</summary>
internal sealed class ChangeApprovalRow
{
    /// <summary>Of what.</summary>
    public required string ChangeId { get; init; }

    /// <summary><c>user:ID</c>; nobody approves twice.</summary>
    public required string Actor { get; init; }

    /// <summary>How it was proven: <c>step-up</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Assertion that is kept.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class ChangeApprovalRowConfiguration : IEntityTypeConfiguration<ChangeApprovalRow>
{
    public void Configure(EntityTypeBuilder<ChangeApprovalRow> builder)
    {
        builder.HasKey(row => new { row.ChangeId, row.Actor });
        builder.HasOne<ChangeRow>().WithMany().HasForeignKey(row => row.ChangeId);
    }
}

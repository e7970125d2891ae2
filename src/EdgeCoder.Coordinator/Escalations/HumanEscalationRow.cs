using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>What a person decides about (agent-executor-models 7.2). Its texts were redacted before they were stored; a decision is never overwritten.</summary>
internal sealed class HumanEscalationRow
{
    /// <summary>UUID.</summary>
    public required string EscalationId { get; set; }

    /// <summary>The escalation.</summary>
    public required string SubtaskId { get; set; }

    /// <summary>The task.</summary>
    public required string TaskId { get; set; }

    /// <summary>Who tried last; empty when nobody did.</summary>
    public required string AgentId { get; set; }

    /// <summary>What was asked for.</summary>
    public required string TaskText { get; set; }

    /// <summary>The last code.</summary>
    public required string FailedCode { get; set; }

    /// <summary>JSON array.</summary>
    public required string ErrorHistory { get; set; }

    /// <summary>Language.</summary>
    public required string Language { get; set; }

    /// <summary>Iterations before the escalation.</summary>
    public required int IterationsAttempted { get; set; }

    /// <summary>JSON array.</summary>
    public required string AutomatedAttempts { get; set; }

    /// <summary>pending_human, human_responded, resolved, abandoned.</summary>
    public required string Status { get; set; }

    /// <summary>What was answered; null before.</summary>
    public string? Action { get; set; }

    /// <summary>Context given.</summary>
    public string? HumanContext { get; set; }

    /// <summary>Code given.</summary>
    public string? HumanEditedCode { get; set; }

    /// <summary>Who answered.</summary>
    public string? RespondedByUserId { get; set; }

    /// <summary>When it was stored.</summary>
    public required long CreatedAtMs { get; set; }

    /// <summary>Last change.</summary>
    public required long UpdatedAtMs { get; set; }
}

/// <summary>Table <c>human_escalations</c>.</summary>
internal sealed class HumanEscalationRowConfiguration : IEntityTypeConfiguration<HumanEscalationRow>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<HumanEscalationRow> builder)
    {
        builder.ToTable("human_escalations");
        builder.HasKey(row => row.EscalationId);
        builder.HasIndex(row => row.SubtaskId);
        builder.HasIndex(row => row.Status);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Reviews;

/// <summary>What a person decided about the result of a task, once (portal-and-control-plane 14.2).</summary>
internal sealed class ReviewRow
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Whose task.</summary>
    public required string AccountId { get; init; }

    /// <summary>accepted, rejected or edited.</summary>
    public required string Decision { get; init; }

    /// <summary>Why, in the person's words.</summary>
    public string? Note { get; init; }

    /// <summary>The person's own code; null when it was not edited.</summary>
    public string? EditedCode { get; init; }

    /// <summary>SHA-256 of what was reviewed.</summary>
    public required string BeforeSha256 { get; init; }

    /// <summary>SHA-256 of what is kept; null when nothing is.</summary>
    public string? AfterSha256 { get; init; }

    /// <summary>Outcome of the edited code, as JSON; null when it was not edited.</summary>
    public string? Verdict { get; init; }

    /// <summary>Task that was begun again after a rejection.</summary>
    public string? NextTaskId { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }
}

internal sealed class ReviewRowConfiguration : IEntityTypeConfiguration<ReviewRow>
{
    public void Configure(EntityTypeBuilder<ReviewRow> builder)
    {
        builder.ToTable("reviews");
        builder.HasKey(row => row.TaskId);
        builder.HasIndex(row => new { row.AccountId, row.AtMs });
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Standing;

/// <summary>A ban in force here (economy-and-ledger 14); the signed events that it follows from are the ledger's.</summary>
internal sealed record BlacklistEntryRow
{
    /// <summary>Event that made it.</summary>
    public required string EventId { get; init; }

    /// <summary>Whom; every key that was bound to it is banned too.</summary>
    public required string AgentId { get; init; }

    /// <summary>forged_results, manual_review, ….</summary>
    public required string ReasonCode { get; init; }

    /// <summary>In words, at most 200.</summary>
    public required string Reason { get; init; }

    /// <summary>Begin.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>End by itself; null: when it is revoked.</summary>
    public long? ExpiresAtMs { get; init; }

    /// <summary>When it was revoked; null when it was not.</summary>
    public long? RevokedAtMs { get; init; }

    /// <summary>Whether it is in force.</summary>
    public bool IsActive(long nowMs) => RevokedAtMs is null && (ExpiresAtMs is not { } end || end > nowMs);
}

internal sealed class BlacklistEntryConfiguration : IEntityTypeConfiguration<BlacklistEntryRow>
{
    public void Configure(EntityTypeBuilder<BlacklistEntryRow> builder)
    {
        builder.HasKey(r => r.EventId);
        builder.HasIndex(r => r.AgentId);
    }
}

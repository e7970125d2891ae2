using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Diagnostics;

/// <summary>What an agent reported about itself; the newest 200 of each are kept.</summary>
internal sealed class AgentDiagnosticRow
{
    /// <summary>Given by the database.</summary>
    public long Sequence { get; init; }

    /// <summary>Who.</summary>
    public required string AgentId { get; init; }

    /// <summary>When, by the agent's clock; the receipt when it gave none.</summary>
    public required long EventAtMs { get; init; }

    /// <summary>What, 1 to 500 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Part of the program.</summary>
    public string? Source { get; init; }

    /// <summary>State of the worker.</summary>
    public string? RuntimeState { get; init; }

    /// <summary>State of its model.</summary>
    public string? ModelState { get; init; }
}

internal sealed class AgentDiagnosticConfiguration : IEntityTypeConfiguration<AgentDiagnosticRow>
{
    public void Configure(EntityTypeBuilder<AgentDiagnosticRow> builder)
    {
        builder.HasKey(r => r.Sequence);
        builder.HasIndex(r => r.AgentId);
    }
}

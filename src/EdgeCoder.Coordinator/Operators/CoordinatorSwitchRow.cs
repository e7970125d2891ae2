using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Coordinator.Operators;

/// <summary>What an operator has set for the whole coordinator.</summary>
internal sealed class CoordinatorSwitchRow
{
    /// <summary><c>pause</c> or <c>fleet_policy</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Grows by one with each change.</summary>
    public required long Revision { get; init; }

    /// <summary>JSON; null: not set.</summary>
    public string? ValueJson { get; init; }

    /// <summary>Who set it.</summary>
    public required string SetBy { get; init; }

    /// <summary>When.</summary>
    public required long SetAtMs { get; init; }
}

internal sealed class CoordinatorSwitchConfiguration : IEntityTypeConfiguration<CoordinatorSwitchRow>
{
    public void Configure(EntityTypeBuilder<CoordinatorSwitchRow> builder) => builder.HasKey(r => r.Name);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Hosting.Tests.Storage;

internal enum SampleState
{
    Ready,
    InWork,
}

/// <summary>One column of each kind that rows have.</summary>
internal sealed class SampleRow
{
    public required string Id { get; init; }

    public SampleState State { get; init; }

    public long? DueMs { get; init; }

    public int Count { get; init; }

    public bool Flag { get; init; }

    public byte[]? Signed { get; init; }

    public string? Order { get; init; }
}

internal sealed class SampleConfiguration : IEntityTypeConfiguration<SampleRow>
{
    public void Configure(EntityTypeBuilder<SampleRow> builder) => builder.HasKey(r => r.Id);
}

/// <summary>A row whose number the database gives.</summary>
internal sealed class NumberedEntryRow
{
    public long Number { get; init; }

    public required string Text { get; init; }
}

internal sealed class NumberedEntryConfiguration : IEntityTypeConfiguration<NumberedEntryRow>
{
    public void Configure(EntityTypeBuilder<NumberedEntryRow> builder) => builder.HasKey(r => r.Number);
}

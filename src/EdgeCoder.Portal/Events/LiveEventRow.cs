using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Events;

/// <summary>A change that a person's open pages are told of. Rows, so that every instance of the portal tells it and a connection that broke goes on (portal-and-control-plane 11, 21).</summary>
[KeyOrder]
internal sealed class LiveEventRow
{
    /// <summary>Whose; id of the portal's account.</summary>
    public required string AccountId { get; init; }

    /// <summary>1, 2, 3, … for each account, without gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>What the change is known by where it came from, so that two instances which hear of it tell it once.</summary>
    public required string Source { get; init; }

    /// <summary>task, review or credits.</summary>
    public required string Topic { get; init; }

    /// <summary>JSON object.</summary>
    public required string Data { get; init; }

    /// <summary>When it was stored.</summary>
    public required long AtMs { get; init; }
}

/// <summary>The last number of an account's events: its row is locked while the next one is written, so numbers are committed in their order.</summary>
internal sealed class LiveHeadRow
{
    /// <summary>Whose.</summary>
    public required string AccountId { get; init; }

    /// <summary>Number of the last event.</summary>
    public required long Seq { get; init; }
}

internal sealed class LiveEventRowConfiguration : IEntityTypeConfiguration<LiveEventRow>
{
    public void Configure(EntityTypeBuilder<LiveEventRow> builder)
    {
        builder.ToTable("live_events");
        builder.HasKey(row => new { row.AccountId, row.Seq });
        builder.HasIndex(row => new { row.AccountId, row.Source }).IsUnique();
        builder.HasIndex(row => row.AtMs);
    }
}

internal sealed class LiveHeadRowConfiguration : IEntityTypeConfiguration<LiveHeadRow>
{
    public void Configure(EntityTypeBuilder<LiveHeadRow> builder)
    {
        builder.ToTable("live_heads");
        builder.HasKey(row => row.AccountId);
    }
}

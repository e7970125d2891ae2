using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Chats;

/// <summary>How far the words of a conversation may go (portal-and-control-plane 13).</summary>
internal enum ChatReach
{
    /// <summary>Not off the portal's own machine.</summary>
    Local,

    /// <summary>To the installation's own servers.</summary>
    Team,
}

/// <summary>A conversation of one person.</summary>
internal sealed class ConversationRow
{
    /// <summary>UUID, version 4, lower-case.</summary>
    public required string Id { get; init; }

    /// <summary>Whose.</summary>
    public required string AccountId { get; init; }

    /// <summary>1 to 120 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Model that was chosen; null for the active one.</summary>
    public string? Model { get; init; }

    /// <summary>How far it may go.</summary>
    public required ChatReach DataClass { get; init; }

    /// <summary>First message that models are sent; earlier ones were left out by their owner, or belong to a narrower class.</summary>
    public required long FromSeq { get; init; }

    /// <summary>When it was begun.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When something was said or changed last.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>When it was deleted; it can be taken back for a while.</summary>
    public long? DeletedAtMs { get; init; }
}

internal sealed class ConversationRowConfiguration : IEntityTypeConfiguration<ConversationRow>
{
    public void Configure(EntityTypeBuilder<ConversationRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.AccountId, row.UpdatedAtMs });
        builder.HasIndex(row => row.DeletedAtMs);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Chats;

/// <summary>How far a message is.</summary>
internal enum MessageStatus
{
    /// <summary>An answer that is being written.</summary>
    Streaming,

    /// <summary>Whole.</summary>
    Complete,

    /// <summary>An answer that its owner ended, or that nobody waited for any more.</summary>
    Stopped,

    /// <summary>An answer that broke off.</summary>
    Failed,
}

/// <summary>A message of a conversation. The words of an answer are kept however it ended.</summary>
internal sealed class ChatMessageRow
{
    /// <summary>UUID, version 4, lower-case.</summary>
    public required string Id { get; init; }

    /// <summary>Conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Place in it, from 1.</summary>
    public required long Seq { get; init; }

    /// <summary><c>user</c> or <c>assistant</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Words.</summary>
    public required string Content { get; init; }

    /// <summary>How far.</summary>
    public required MessageStatus Status { get; init; }

    /// <summary>Why an answer failed: a stable code.</summary>
    public string? Error { get; init; }

    /// <summary>Model that was asked; null for the active one.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens of question, history and answer, as the model's tokenizer counted; null when nobody did.</summary>
    public long? TokensUsed { get; init; }

    /// <summary>1 for an answer that was asked for again: it is shown, and no model is sent it.</summary>
    public required long Replaced { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>When its words were saved last; an answer that stays behind was left by a process that ended.</summary>
    public required long SavedAtMs { get; init; }
}

internal sealed class ChatMessageRowConfiguration : IEntityTypeConfiguration<ChatMessageRow>
{
    public void Configure(EntityTypeBuilder<ChatMessageRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.ConversationId, row.Seq }).IsUnique();
        builder.HasIndex(row => row.Status).HasFilter("status = 'streaming'");
        builder.HasOne<ConversationRow>().WithMany().HasForeignKey(row => row.ConversationId).OnDelete(DeleteBehavior.Cascade);
    }
}

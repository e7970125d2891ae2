using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Mail;

/// <summary>How far a mail is.</summary>
internal enum MailState
{
    /// <summary>To be sent.</summary>
    Waiting,

    /// <summary>Handed over; its text is gone from the store.</summary>
    Sent,

    /// <summary>Given up.</summary>
    Dead,
}

/// <summary>A mail, queued in the transaction of its cause (portal-and-control-plane 5.2, 16).</summary>
internal sealed class OutboxMailRow
{
    /// <summary>UUID, version 7; also its Message-ID, by which a second delivery is known.</summary>
    public required string Id { get; init; }

    /// <summary>To whom.</summary>
    public required string Recipient { get; init; }

    /// <summary>Subject.</summary>
    public required string Subject { get; init; }

    /// <summary>Plain text; empty once sent.</summary>
    public required string Text { get; init; }

    /// <summary>The same as HTML; empty once sent.</summary>
    public required string Html { get; init; }

    /// <summary>How far.</summary>
    public required MailState State { get; init; }

    /// <summary>Tries that failed.</summary>
    public required long Attempts { get; init; }

    /// <summary>Not before this; a sender that tries moves it ahead first, so that no second one tries meanwhile.</summary>
    public required long NextAttemptMs { get; init; }

    /// <summary>When it was queued.</summary>
    public required long CreatedAtMs { get; init; }
}

internal sealed class OutboxMailRowConfiguration : IEntityTypeConfiguration<OutboxMailRow>
{
    public void Configure(EntityTypeBuilder<OutboxMailRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.State, row.NextAttemptMs });
    }
}

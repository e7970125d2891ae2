using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Mail;

/// <summary>Queues mail in the transaction of its cause.</summary>
internal static class MailQueue
{
    /// <summary>Adds a mail.</summary>
    public static void Add(IStoreBatch batch, MailMessage mail, long nowMs) => batch.Insert(new OutboxMailRow
    {
        Id = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)).ToString(),
        Recipient = mail.Recipient,
        Subject = mail.Subject,
        Text = mail.Text,
        Html = mail.Html,
        State = MailState.Waiting,
        Attempts = 0,
        NextAttemptMs = nowMs,
        CreatedAtMs = nowMs,
    });
}

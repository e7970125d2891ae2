using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace EdgeCoder.Portal.Mail;

/// <summary>Hands a mail over. Two kinds: a mail server, and a folder in development.</summary>
internal interface IMailTransport
{
    /// <summary>Hands it over, or throws.</summary>
    Task SendAsync(OutboxMailRow mail, CancellationToken cancellationToken);
}

/// <summary>What both kinds make of a row.</summary>
internal static class MimeMail
{
    /// <summary>The message with text and HTML; its id is the row's, so that a second delivery is known as one.</summary>
    public static MimeMessage Of(OutboxMailRow mail, MailSettings settings)
    {
        var message = new MimeMessage { Subject = mail.Subject, MessageId = $"{mail.Id}@edgecoder", Date = DateTimeOffset.FromUnixTimeMilliseconds(mail.CreatedAtMs) };
        message.From.Add(MailboxAddress.Parse(settings.From));
        message.To.Add(MailboxAddress.Parse(mail.Recipient));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody();
        return message;
    }
}

/// <summary>A mail server (SMTP, with TLS unless the settings say that it is a local one).</summary>
/// <param name="settings">Where.</param>
internal sealed class SmtpTransport(MailSettings settings) : IMailTransport
{
    /// <inheritdoc/>
    public async Task SendAsync(OutboxMailRow mail, CancellationToken cancellationToken)
    {
        using var message = MimeMail.Of(mail, settings);
        using var client = new SmtpClient { Timeout = (int)settings.Timeout.TotalMilliseconds };
        var tls = !settings.Tls ? SecureSocketOptions.None : settings.Port == 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;
        await client.ConnectAsync(settings.Host, settings.Port, tls, cancellationToken).ConfigureAwait(false);
        if (settings.User is { } user)
        {
            await client.AuthenticateAsync(user, settings.Password ?? "", cancellationToken).ConfigureAwait(false);
        }

        await client.SendAsync(message, cancellationToken).ConfigureAwait(false);
        await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Files of a folder, for development; subject, recipient and link are logged too, nowhere else.</summary>
/// <param name="settings">Where.</param>
/// <param name="log">Log.</param>
internal sealed partial class FolderTransport(MailSettings settings, ILogger<FolderTransport> log) : IMailTransport
{
    /// <inheritdoc/>
    public async Task SendAsync(OutboxMailRow mail, CancellationToken cancellationToken)
    {
        using var message = MimeMail.Of(mail, settings);
        Directory.CreateDirectory(settings.Folder);
        var file = Path.Combine(settings.Folder, mail.Id + ".eml");
        await message.WriteToAsync(file, cancellationToken).ConfigureAwait(false);
        LogMail(mail.Subject, mail.Recipient, mail.Text.Split('\n').FirstOrDefault(line => line.StartsWith("http", StringComparison.Ordinal)) ?? "no link");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail of development: {Subject}, to {Recipient}: {Link}")]
    private partial void LogMail(string subject, string recipient, string link);
}

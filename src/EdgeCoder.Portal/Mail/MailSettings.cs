using System.Net.Mail;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Portal.Mail;

/// <summary>How mail leaves.</summary>
internal enum MailTransportKind
{
    /// <summary>Not at all: what needs a mail refuses.</summary>
    None,

    /// <summary>Files in the data directory, for development.</summary>
    Folder,

    /// <summary>A mail server.</summary>
    Smtp,
}

/// <summary>How mail is sent (portal-and-control-plane 16). Not a record: it holds a password.</summary>
public sealed class MailSettings
{
    /// <summary>How.</summary>
    internal MailTransportKind Kind { get; init; }

    /// <summary><c>MAIL_FROM</c>.</summary>
    public string From { get; init; } = "portal@localhost";

    /// <summary>Directory of the <c>.eml</c> files.</summary>
    public string Folder { get; init; } = "";

    /// <summary><c>SMTP_HOST</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary><c>SMTP_PORT</c>.</summary>
    public int Port { get; init; } = 587;

    /// <summary><c>SMTP_USER</c>; null: no sign-in.</summary>
    public string? User { get; init; }

    /// <summary><c>SMTP_PASSWORD</c>. Secret.</summary>
    public string? Password { get; init; }

    /// <summary><c>SMTP_TLS</c>: required or none.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Most time of one delivery.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Mails into a folder.</summary>
    public static MailSettings ToFolder(string folder) => new() { Kind = MailTransportKind.Folder, Folder = folder };

    /// <summary>Reads them; faults go to the reader.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="dataDirectory">Of the role.</param>
    /// <param name="production">Whether the folder is refused.</param>
    /// <param name="exposed">Whether TLS and a transport are needed.</param>
    public static MailSettings Read(SettingsReader reader, string dataDirectory, bool production, bool exposed)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var name = reader.Choice("MAIL_TRANSPORT", production ? "none" : "folder", "smtp", "folder", production && !exposed ? "none" : "folder");
        if (name == "folder" && production)
        {
            reader.Refuse("MAIL_TRANSPORT=folder is for development on loopback. Set MAIL_TRANSPORT=smtp with SMTP_HOST and MAIL_FROM.");
        }

        if (exposed && name == "none")
        {
            reader.Refuse("MAIL_TRANSPORT=smtp with SMTP_HOST and MAIL_FROM is needed beyond loopback.");
        }

        var smtp = name == "smtp";
        var from = reader.Text("MAIL_FROM");
        if (from is not null && !MailAddress.TryCreate(from, out _))
        {
            reader.Refuse("MAIL_FROM must be a mail address.");
        }

        if (smtp && (from is null || reader.Text("SMTP_HOST") is null))
        {
            reader.Refuse("MAIL_TRANSPORT=smtp needs SMTP_HOST and MAIL_FROM.");
        }

        var user = reader.Text("SMTP_USER");
        var password = reader.Secret("SMTP_PASSWORD", least: 1);
        if (user is null != password is null)
        {
            reader.Refuse("SMTP_USER and SMTP_PASSWORD belong together. Set both or neither.");
        }

        var tls = reader.Choice("SMTP_TLS", "required", "required", "none") == "required";
        if (!tls && (exposed || user is not null))
        {
            reader.Refuse("SMTP_TLS=none is for a mail server of this machine without a password. Set SMTP_TLS=required.");
        }

        return new()
        {
            Kind = name switch { "smtp" => MailTransportKind.Smtp, "folder" => MailTransportKind.Folder, _ => MailTransportKind.None },
            From = from ?? "portal@localhost",
            Folder = Path.Combine(dataDirectory, "mail"),
            Host = reader.Text("SMTP_HOST") ?? "",
            Port = (int)reader.Number("SMTP_PORT", 587, 1, 65_535),
            User = user,
            Password = password,
            Tls = tls,
        };
    }
}

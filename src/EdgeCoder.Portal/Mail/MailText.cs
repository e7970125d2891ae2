using System.Text.Encodings.Web;

namespace EdgeCoder.Portal.Mail;

/// <summary>A mail to queue.</summary>
/// <param name="Recipient">Address.</param>
/// <param name="Subject">Subject, without anything a stranger chose.</param>
/// <param name="Text">Plain text.</param>
/// <param name="Html">The same, encoded.</param>
internal sealed record MailMessage(string Recipient, string Subject, string Text, string Html);

/// <summary>
/// The texts (portal-and-control-plane 16): who asked, from where, what to do if it was not you, and one link at most. Every value is encoded; there are no images.
/// </summary>
internal static class MailText
{
    private const string NotYou = "If it was not you, you need to do nothing: without the link nothing happens.";

    /// <summary>Confirms an address.</summary>
    public static MailMessage Verify(string recipient, Uri link, TimeSpan valid, string from) => Make(
        recipient, "Confirm your address for EdgeCoder", $"Somebody signed up for EdgeCoder with this address, from {from}. Open the link and press the button to confirm it. It works once, for {Words(valid)}.", link, NotYou);

    /// <summary>Tells the owner of an account that somebody signed up with its address.</summary>
    public static MailMessage AlreadyThere(string recipient, Uri link, string from) => Make(
        recipient, "You already have an EdgeCoder account", $"Somebody signed up for EdgeCoder with this address, from {from}. It has an account already, and nothing was changed. Sign in, or ask for a new password there.", link, "If it was not you, you need to do nothing.");

    /// <summary>Sets a password.</summary>
    public static MailMessage Reset(string recipient, Uri link, TimeSpan valid, string from) => Make(
        recipient, "Set a new EdgeCoder password", $"Somebody asked for a new password for this address, from {from}. The link lets you set one. It works once, for {Words(valid)}.", link, NotYou);

    /// <summary>A notice that the password was changed.</summary>
    public static MailMessage PasswordChanged(string recipient, Uri link, string from) => Make(
        recipient, "Your EdgeCoder password was changed", $"The password of this account was changed, from {from}. Other browsers were signed out.", link, "If it was not you, set a new password at once with the link.");

    /// <summary>A notice that a passkey was added.</summary>
    public static MailMessage PasskeyAdded(string recipient, Uri link, string from) => Make(
        recipient, "A passkey was added to your EdgeCoder account", $"A passkey was added to this account, from {from}. It opens the account without the password.", link, "If it was not you, remove it in the settings with the link, and change your password.");

    /// <summary>A notice that passkeys stopped working.</summary>
    public static MailMessage PasskeysVoid(string recipient, Uri link) => Make(
        recipient, "Your EdgeCoder passkeys stopped working", "The operator moved the portal to another name, for which your passkeys were not made. Sign in with your password, or set a new one, and add a passkey again.", link, "You need to do nothing else.");

    /// <summary>Confirms another address.</summary>
    public static MailMessage ConfirmNewAddress(string recipient, Uri link, TimeSpan valid, string from) => Make(
        recipient, "Confirm your new EdgeCoder address", $"Somebody wants to use this address for an EdgeCoder account, from {from}. Open the link and press the button to confirm it. It works once, for {Words(valid)}.", link, NotYou);

    /// <summary>A notice to the old address, with the way back.</summary>
    public static MailMessage AddressChanges(string recipient, Uri link, TimeSpan valid, string from) => Make(
        recipient, "The address of your EdgeCoder account is to change", $"Another mail address was asked for this account, from {from}, and is taken once it is confirmed there. The link keeps or restores this one, for {Words(valid)}, and signs everybody out.", link, "If it was you, you need to do nothing.");

    /// <summary>A notice that the account goes, with the way back.</summary>
    public static MailMessage AccountGoes(string recipient, Uri link, TimeSpan valid, string from) => Make(
        recipient, "Your EdgeCoder account will be deleted", $"The deletion of this account was asked for, from {from}. It is deleted in {Words(valid)}; until then nobody can sign in. The link keeps it.", link, "If it was you, you need to do nothing.");

    private static MailMessage Make(string recipient, string subject, string what, Uri link, string notYou)
    {
        var encoder = HtmlEncoder.Default;
        return new(
            recipient,
            subject,
            $"{what}\n\n{link.AbsoluteUri}\n\n{notYou}\n",
            $"<!DOCTYPE html><html lang=\"en\"><body><p>{encoder.Encode(what)}</p><p><a href=\"{encoder.Encode(link.AbsoluteUri)}\">{encoder.Encode(link.AbsoluteUri)}</a></p><p>{encoder.Encode(notYou)}</p></body></html>\n");
    }

    private static string Words(TimeSpan time) => time switch
    {
        { TotalHours: >= 2 } => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours)} hours"),
        { TotalMinutes: >= 2 } => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalMinutes)} minutes"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalSeconds)} seconds"),
    };
}

using System.Net.Mail;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Addresses as they are kept and compared: trimmed and lower-cased once on entry (portal-and-control-plane 1).</summary>
internal static class EmailAddress
{
    /// <summary>Most characters (RFC 5321 4.5.3.1.3, without its brackets).</summary>
    public const int MostCharacters = 254;

    /// <summary>The address, or null when it is none.</summary>
    public static string? Normalise(string? text)
    {
        var address = text?.Trim().ToLowerInvariant();
        return address is { Length: >= 3 and <= MostCharacters }
            && !address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or '"' or ',' or ';' or '\\' or '(' or ')')
            && MailAddress.TryCreate(address, out var parsed)
            && parsed.Address == address
            && parsed.Host.Contains('.', StringComparison.Ordinal)
            ? address
            : null;
    }
}

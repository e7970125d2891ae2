using System.Buffers.Text;
using System.Security.Cryptography;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Session, mail and setup tokens: 256 random bits as 43 base64url characters (portal-and-control-plane 1). Only their SHA-256 is kept.</summary>
internal static class SecretText
{
    /// <summary>Its characters.</summary>
    public const int Characters = 43;

    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a text can be one; nothing else is looked up.</summary>
    public static bool IsOne(string? text) => text is { Length: Characters } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

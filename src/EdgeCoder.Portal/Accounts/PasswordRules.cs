namespace EdgeCoder.Portal.Accounts;

/// <summary>Which passwords are taken (portal-and-control-plane 5.2): long enough, and not one that everybody tries first.</summary>
internal static class PasswordRules
{
    /// <summary>Fewest characters.</summary>
    public const int LeastCharacters = 8;

    /// <summary>Most characters.</summary>
    public const int MostCharacters = 256;

    private const int ShortestRemark = 4;

    private static readonly HashSet<string> Common = Read();

    /// <summary>Why a password is refused; null when it is taken.</summary>
    /// <param name="password">As typed.</param>
    /// <param name="email">Address of the account.</param>
    public static string? Refuse(string password, string email)
    {
        if (password.Length is < LeastCharacters or > MostCharacters)
        {
            return "length_8_to_256";
        }

        var lower = password.ToLowerInvariant();
        var name = email.Split('@')[0];
        return Common.Contains(lower) || Common.Contains(lower.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '!', '.', '?', '*', '#'))
            || IsRun(lower)
            || lower == email
            || (name.Length >= ShortestRemark && lower.Replace(name, "", StringComparison.Ordinal).Length < LeastCharacters / 2)
            ? "too_common"
            : null;
    }

    // One or two characters again and again, or a walk along alphabet, digits or keyboard.
    private static bool IsRun(string lower) =>
        lower.Distinct().Count() <= 2
        || new[] { "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm" }.Any(walk => walk.Contains(lower, StringComparison.Ordinal) || walk.Contains(string.Concat(lower.Reverse()), StringComparison.Ordinal));

    private static HashSet<string> Read()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }
}

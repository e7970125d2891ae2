using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>Secrets whose form gives them away: provider keys, headers, tokens, passwords in URLs.</summary>
internal static class KnownSecrets
{
    private static readonly (RedactionKind Kind, Lazy<Regex> Pattern)[] Patterns =
    [
        // Headers first: their values may hold anything.
        Pattern(RedactionKind.Bearer, """(?i)\b(proxy-)?authorization["']?\s*[:=,]\s*["']?(bearer|basic|token|digest|negotiate|aws4-hmac-sha256)\s+(?<v>[^"'\r\n]+)"""),
        Pattern(RedactionKind.Bearer, """(?i)\b(set-)?cookie2?["']?\s*:\s*["']?(?<v>[^"'\r\n]+)"""),
        Pattern(RedactionKind.Bearer, """(?i)\bbearer\s+(?<v>[A-Za-z0-9._~+/-]{16,}=*)"""),
        Pattern(RedactionKind.Bearer, """\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?"""),
        Pattern(RedactionKind.Assignment, """(?i)\b[a-z][a-z0-9+.-]{1,20}://(?<v>[^\s/@:"'<>\\]*:[^\s/@"'<>\\]+)@"""),
        Pattern(RedactionKind.Token, """(?i)https://hooks\.slack\.com/(?<v>[^\s"'<>\\]+)"""),
        Pattern(RedactionKind.CloudKey, """\b(AKIA|ASIA)[A-Z0-9]{16}"""),
        Pattern(RedactionKind.CloudKey, """\bAIza[0-9A-Za-z_-]{35}"""),
        Pattern(RedactionKind.CloudKey, """(?i)\b(AccountKey|SharedAccessKey|SharedAccessSignature|sig)=(?<v>[^\s;&"'<>\\]+)"""),
        Pattern(RedactionKind.CloudKey, """\b(sk|rk|pk|whsec)_(live|test)_[0-9A-Za-z]{8,}"""),
        Pattern(RedactionKind.CloudKey, """\bsk-[A-Za-z0-9_-]{16,}"""),
        Pattern(RedactionKind.CloudKey, """\bhf_[A-Za-z0-9]{16,}"""),
        Pattern(RedactionKind.Token, """\bgh[pousr]_[A-Za-z0-9]{16,}"""),
        Pattern(RedactionKind.Token, """\bgithub_pat_[A-Za-z0-9_]{16,}"""),
        Pattern(RedactionKind.Token, """\bgl(pat|ptt|rt|cbt|dt|ft|imt|oas|soat|agent|ffct)-[A-Za-z0-9_.-]{16,}"""),
        Pattern(RedactionKind.Token, """\bxox[abeoprs]-[A-Za-z0-9-]{8,}"""),
        Pattern(RedactionKind.Token, """\bxapp-[A-Za-z0-9-]{8,}"""),
        Pattern(RedactionKind.Token, """\bnpm_[A-Za-z0-9]{20,}"""),
        Pattern(RedactionKind.Token, """\bpypi-[A-Za-z0-9_-]{16,}"""),
    ];

    /// <summary>Finds them.</summary>
    public static void Find(string text, SecretFound found)
    {
        foreach (var (kind, pattern) in Patterns)
        {
            RedactionPattern.Find(pattern.Value, text, kind, found);
        }
    }

    private static (RedactionKind, Lazy<Regex>) Pattern(RedactionKind kind, string pattern) => (kind, new(() => RedactionPattern.Of(pattern)));
}

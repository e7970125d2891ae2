using System.Text.RegularExpressions;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>Rules of an event's members (economy-and-ledger 1, 14, 18).</summary>
public static partial class BlacklistForm
{
    private const int HashDigits = 64;

    /// <summary>Whether an event keeps them all.</summary>
    public static bool IsProper(BlacklistEvent said) =>
        said.V == BlacklistEvent.Version
        && (said.Action == BlacklistEvent.Add ? said.RevokesEventId is null : said.Action == BlacklistEvent.Revoke && IsUuid(said.RevokesEventId))
        && said.Sequence >= 1
        && IsUuid(said.EventId)
        && IsId(said.AgentId) && IsId(said.ReporterId) && IsId(said.SourceCoordinatorId) && IsId(said.ReportedBy)
        && (said.SubjectKeyId is null || IsHex(said.SubjectKeyId, 16))
        && BlacklistReasons.IsKnown(said.ReasonCode)
        && IsReason(said.Reason) && !IsPersonal(said.Reason)
        && IsHex(said.EvidenceHashSha256, HashDigits)
        && said.EvidenceRef is null or { Length: > 0 and <= 200 }
        && said.TimestampMs > 0
        && (said.ExpiresAtMs is not { } end || end > said.TimestampMs)
        && (said.Sequence == 1 ? said.PrevEventHash == BlacklistEvent.Genesis : IsHex(said.PrevEventHash, HashDigits));

    /// <summary>Whether a text is an id of an account, agent or peer.</summary>
    public static bool IsId(string? text) => text is not null && Id().IsMatch(text);

    /// <summary>Whether a text is a SHA-256 in lower-case hex.</summary>
    public static bool IsSha256(string? text) => IsHex(text, HashDigits);

    /// <summary>Whether a text may be a reason: 3 to 200 characters.</summary>
    public static bool IsReason(string? text) => text is { Length: >= 3 and <= BlacklistEvent.MostReason };

    /// <summary>Whether a text looks like it holds an e-mail or IP address, which no log may hold.</summary>
    public static bool IsPersonal(string text) => Personal().IsMatch(text);

    private static bool IsUuid(string? text) => text is { Length: 36 } && Guid.TryParseExact(text, "D", out var id) && id.ToString("D") == text;

    private static bool IsHex(string? text, int length) => text is not null && text.Length == length && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    [GeneratedRegex(@"\A[A-Za-z0-9:._-]{2,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"[^\s@]+@[^\s@]+\.[^\s@]+|\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{0,4}){3,7}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Personal();
}

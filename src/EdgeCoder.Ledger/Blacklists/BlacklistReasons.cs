using System.Collections.Frozen;

namespace EdgeCoder.Ledger.Blacklists;

/// <summary>Reason codes of a blacklist (economy-and-ledger 14).</summary>
public static class BlacklistReasons
{
    /// <summary>An operator's own judgement: the one code that needs no reporter's signature.</summary>
    public const string ManualReview = "manual_review";

    /// <summary>Results that claim what is not so.</summary>
    public const string ForgedResults = "forged_results";

    /// <summary>A key that was used for what its owner must not do.</summary>
    public const string CredentialAbuse = "credential_abuse";

    /// <summary>Against the rules of the mesh.</summary>
    public const string PolicyViolation = "policy_violation";

    /// <summary>It takes from others what they need.</summary>
    public const string DosBehavior = "dos_behavior";

    private static readonly FrozenSet<string> All = FrozenSet.Create(
        StringComparer.Ordinal,
        "abuse_spam", "abuse_malware", PolicyViolation, CredentialAbuse, DosBehavior, ForgedResults, ManualReview, "tampered_binary", "behavioral_anomaly");

    /// <summary>Whether a text is one of the nine codes.</summary>
    public static bool IsKnown(string? code) => code is not null && All.Contains(code);
}

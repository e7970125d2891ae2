using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>What becomes of the price of an attempt.</summary>
internal enum VerdictPay
{
    /// <summary>Posted to the reward account.</summary>
    Post,

    /// <summary>Posted at the unverified quality, if the project's policy allows it.</summary>
    PostUnverified,

    /// <summary>Held until the audit closes.</summary>
    Hold,

    /// <summary>Given back.</summary>
    None,
}

/// <summary>What a verdict does to the agent's standing.</summary>
internal enum VerdictStanding
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>CV + 1.</summary>
    Raise,

    /// <summary>CV = 0.</summary>
    Fault,

    /// <summary>CV = 0 and a strike.</summary>
    Strike,
}

/// <summary>The table of coordinator-and-mesh 5.4. What the agent reported about itself is no input of it (V1): pure.</summary>
/// <param name="Pay">Credits.</param>
/// <param name="Standing">Standing.</param>
internal readonly record struct VerdictOutcome(VerdictPay Pay, VerdictStanding Standing)
{
    /// <summary>What follows from a verdict.</summary>
    /// <param name="kind">Outcome.</param>
    /// <param name="reason">Reason code.</param>
    /// <param name="auditDrawn">Whether the draw chose this attempt, for an accepted one.</param>
    /// <param name="ownWork">Whether worker and requester are one account: never audited, and its standing never moves.</param>
    /// <param name="quarantined">Whether the agent is quarantined: what it still hands in is audited whatever the draw says (economy-and-ledger 15, "fully verified").</param>
    public static VerdictOutcome Of(VerdictKind kind, string reason, bool auditDrawn, bool ownWork, bool quarantined = false)
    {
        var outcome = kind switch
        {
            VerdictKind.Accepted when (auditDrawn || quarantined) && !ownWork => new(VerdictPay.Hold, VerdictStanding.Keep),
            VerdictKind.Accepted => new(VerdictPay.Post, VerdictStanding.Raise),
            VerdictKind.Inconclusive => new VerdictOutcome(reason == VerdictReasons.NotRerunnable ? VerdictPay.PostUnverified : VerdictPay.None, VerdictStanding.Keep),
            _ => new(VerdictPay.None, Of(reason)),
        };
        return ownWork ? outcome with { Standing = VerdictStanding.Keep } : outcome;
    }

    /// <summary>Consecutive valid results after this one (coordinator-and-mesh 5.3).</summary>
    public int CvAfter(int cv) => Standing switch
    {
        VerdictStanding.Raise => cv + 1,
        VerdictStanding.Keep => cv,
        _ => 0,
    };

    private static VerdictStanding Of(string reason) => reason switch
    {
        VerdictReasons.AgentReportedFailure => VerdictStanding.Keep,
        VerdictReasons.ProtectedFileChanged or VerdictReasons.PathEscape or VerdictReasons.DigestMismatch => VerdictStanding.Strike,
        _ => VerdictStanding.Fault,
    };
}

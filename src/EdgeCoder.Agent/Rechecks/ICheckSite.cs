using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>
/// Where a frozen check runs: a snippet in the executor, a repository in the project sandbox. Each run begins from the frozen input again, so nothing that
/// one left behind is seen by the next.
/// </summary>
internal interface ICheckSite
{
    /// <summary>Runs the check once. A <see cref="SiteFaultException"/> says why it cannot come to that.</summary>
    /// <param name="fewest">Fewest tests that must run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<CheckRun> RunAsync(int fewest, CancellationToken cancellationToken);
}

/// <summary>The check cannot be run for this result: a rule is broken, or something frozen is missing here.</summary>
/// <param name="kind">What follows for the result.</param>
/// <param name="reason">One of <see cref="VerdictReasons"/>.</param>
/// <param name="detail">In words, for the submitter's log.</param>
internal sealed class SiteFaultException(VerdictKind kind, string reason, string detail) : Exception(detail)
{
    /// <summary>What follows.</summary>
    public VerdictKind Kind { get; } = kind;

    /// <summary>The reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>The result breaks a rule.</summary>
    public static SiteFaultException Rejected(string reason, string detail) => new(VerdictKind.Rejected, reason, detail);

    /// <summary>Not the result's fault: this verifier cannot tell.</summary>
    public static SiteFaultException Missing(string detail) => new(VerdictKind.Inconclusive, VerdictReasons.VerifierUnavailable, detail);
}

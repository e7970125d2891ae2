using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>Makes the signed document of a verdict (coordinator-and-mesh 5.4).</summary>
/// <param name="verifierId">The coordinator's id.</param>
/// <param name="key">Gives its key of the moment.</param>
internal sealed class VerdictSigner(string verifierId, Func<SigningKey> key)
{
    /// <summary>With one key.</summary>
    public VerdictSigner(string verifierId, SigningKey key)
        : this(verifierId, () => key)
    {
    }

    /// <summary>The verdict as it reads, and its exact signed bytes.</summary>
    public (Verdict Verdict, byte[] Signed) Sign(VerificationJob job, CheckFinding finding, long startedAtMs, long endedAtMs) => VerdictDocument.Sign(
        job.Lease,
        job.Purpose,
        job.Report,
        new RecheckFinding { Kind = finding.Kind, Reason = finding.Reason, TestsRun = finding.TestsRun, TestsPassed = finding.TestsPassed, SandboxDigest = finding.SandboxDigest },
        finding.LogsDigest,
        verifierId,
        key(),
        startedAtMs,
        endedAtMs);
}

using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>The signed document of a verdict (coordinator-and-mesh 5.4), as coordinators, verifiers and auditors write it.</summary>
internal static class VerdictDocument
{
    /// <summary>The verdict as it reads, and its exact signed bytes.</summary>
    /// <param name="lease">Lease of the result.</param>
    /// <param name="purpose">Anything but audit is verify.</param>
    /// <param name="report">The result.</param>
    /// <param name="finding">What running it again found.</param>
    /// <param name="logsDigest">Blob with the output of the run; null when there is none.</param>
    /// <param name="verifierId">Who ran it.</param>
    /// <param name="key">Its key.</param>
    /// <param name="startedAtMs">Begin.</param>
    /// <param name="endedAtMs">End.</param>
    public static (Verdict Verdict, byte[] Signed) Sign(
        Lease lease, LeasePurpose purpose, ResultReport report, RecheckFinding finding, string? logsDigest, string verifierId, SigningKey key, long startedAtMs, long endedAtMs)
    {
        var verdict = new Verdict
        {
            VerdictId = Guid.NewGuid().ToString("D"),
            Purpose = purpose == LeasePurpose.Audit ? LeasePurpose.Audit : LeasePurpose.Verify,
            LeaseId = lease.LeaseId,
            SubtaskId = lease.SubtaskId,
            Attempt = lease.Attempt,
            Kind = finding.Kind,
            ReasonCode = finding.Reason,
            CheckDigest = lease.CheckDigest,
            SnapshotDigest = lease.SnapshotDigest,
            InputHash = lease.InputHash,
            OutputHash = OutputHash(report),

            // Recomputed: what the verdict is about is what was received.
            ResultDigest = ResultDigest.Of(report),
            VerifierId = verifierId,
            SandboxDigest = finding.SandboxDigest,
            TestsRun = finding.TestsRun,
            TestsPassed = finding.TestsPassed,
            LogsDigest = logsDigest,
            AuditWindowId = lease.AuditWindowId,
            Cv = lease.Cv,
            StartedAtMs = startedAtMs,
            EndedAtMs = endedAtMs,
        };
        return (verdict, SignedDocument.Sign(DocumentContexts.Verdict, verdict, MeshJson.Default.Verdict, key));
    }

    /// <summary>The patch's digest, else SHA-256 of the output; null when there is neither.</summary>
    public static string? OutputHash(ResultReport report) =>
        report.PatchDigest ?? (report.Output is { } output ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(output))) : null);

    /// <summary>Whether a reason belongs to an outcome (coordinator-and-mesh 5.2) of work that was worth a re-run.</summary>
    public static bool Fits(VerdictKind kind, string reason) => kind switch
    {
        VerdictKind.Accepted => reason is VerdictReasons.Ok,
        VerdictKind.Rejected => reason is VerdictReasons.CheckFailed or VerdictReasons.PatchDoesNotApply or VerdictReasons.TestsMissing or VerdictReasons.ProtectedFileChanged
            or VerdictReasons.PathEscape or VerdictReasons.DigestMismatch or VerdictReasons.MalformedResult,
        _ => reason is VerdictReasons.FlakyCheck or VerdictReasons.VerifierUnavailable or VerdictReasons.VerifierTimeout,
    };
}

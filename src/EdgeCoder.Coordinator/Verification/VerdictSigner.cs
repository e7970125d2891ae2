using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>Makes the signed document of a verdict (coordinator-and-mesh 5.4).</summary>
/// <param name="verifierId">The coordinator's id.</param>
/// <param name="key">Its key.</param>
internal sealed class VerdictSigner(string verifierId, SigningKey key)
{
    /// <summary>The verdict as it reads, and its exact signed bytes.</summary>
    public (Verdict Verdict, byte[] Signed) Sign(VerificationJob job, CheckFinding finding, long startedAtMs, long endedAtMs)
    {
        var verdict = new Verdict
        {
            VerdictId = Guid.NewGuid().ToString("D"),
            Purpose = job.Purpose == LeasePurpose.Audit ? LeasePurpose.Audit : LeasePurpose.Verify,
            LeaseId = job.Lease.LeaseId,
            SubtaskId = job.Lease.SubtaskId,
            Attempt = job.Lease.Attempt,
            Kind = finding.Kind,
            ReasonCode = finding.Reason,
            CheckDigest = job.Lease.CheckDigest,
            SnapshotDigest = job.Lease.SnapshotDigest,
            InputHash = job.Lease.InputHash,
            OutputHash = OutputHash(job.Report),

            // Recomputed: what the verdict is about is what was received.
            ResultDigest = ResultDigest.Of(job.Report),
            VerifierId = verifierId,
            SandboxDigest = finding.SandboxDigest,
            TestsRun = finding.TestsRun,
            TestsPassed = finding.TestsPassed,
            LogsDigest = finding.LogsDigest,
            AuditWindowId = job.Lease.AuditWindowId,
            Cv = job.Lease.Cv,
            StartedAtMs = startedAtMs,
            EndedAtMs = endedAtMs,
        };
        return (verdict, SignedDocument.Sign(DocumentContexts.Verdict, verdict, MeshJson.Default.Verdict, key));
    }

    /// <summary>The patch's digest, else SHA-256 of the output; null when there is neither.</summary>
    public static string? OutputHash(ResultReport report) =>
        report.PatchDigest ?? (report.Output is { } output ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(output))) : null);
}

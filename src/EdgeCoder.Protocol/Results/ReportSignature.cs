using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Results;

/// <summary>The statement <c>{v:1,leaseId,subtaskId,agentId,ok,resultDigest,reportNonce}</c> by which an agent stands for a result (coordinator-and-mesh 2.1).</summary>
public static class ReportSignature
{
    /// <summary>The <c>reportSignature</c> of a report whose other members are set.</summary>
    public static string Sign(ResultReport report, SigningKey key) => SignedDocument.SignDetached(DocumentContexts.Report, Content(report), key);

    /// <summary>Whether the report's signature is this key's over its members. Never throws. Whether the digest fits the result is asked apart.</summary>
    public static bool Verify(ResultReport report, VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.Report, Content(report), report.ReportSignature, key);

    /// <summary>The canonical bytes that are signed: what verifiers and auditors get, and what is kept as evidence.</summary>
    public static byte[] Content(ResultReport report) => CanonicalJson.Write(
        new ReportStatement(report.AgentId, report.LeaseId, report.Ok, report.ReportNonce, report.ResultDigest, report.SubtaskId, 1),
        DocumentJson.Default.ReportStatement);
}

/// <summary>What is signed, in canonical order.</summary>
internal sealed record ReportStatement(string? AgentId, string? LeaseId, bool? Ok, string? ReportNonce, string? ResultDigest, string? SubtaskId, int V);

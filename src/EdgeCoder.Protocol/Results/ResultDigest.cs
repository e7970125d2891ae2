using System.Security.Cryptography;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;

namespace EdgeCoder.Protocol.Results;

/// <summary>What an agent signs of a result (coordinator-and-mesh 4.5).</summary>
public static class ResultDigest
{
    /// <summary>Hex SHA-256 of the RFC 8785 form of the members that decide, absent ones left out.</summary>
    public static string Of(ResultReport report)
    {
        var content = new ResultContent(
            report.CheckDigest,
            report.Error,
            report.EscalationReason,
            report.LogsDigest,
            report.Model,
            report.Ok,
            report.Output,
            report.PatchDigest,
            report.Sandbox,
            report.SnapshotDigest,
            report.TestReport);
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(content, DocumentJson.Default.ResultContent)));
    }
}

/// <summary>The members that decide, in canonical order.</summary>
internal sealed record ResultContent(
    string? CheckDigest,
    string? Error,
    string? EscalationReason,
    string? LogsDigest,
    ModelClaim? Model,
    bool? Ok,
    string? Output,
    string? PatchDigest,
    SandboxClaim? Sandbox,
    string? SnapshotDigest,
    TestCounts? TestReport);

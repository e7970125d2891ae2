using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Results;

/// <summary>
/// The receipt of an attempt (economy-and-ledger 11), written when nothing can change any more: what went in, what ran, who did it, what it was checked with, how that
/// ended and what it cost. What an attempt does not have, as a check of text, is left out.
/// </summary>
internal static class AttemptReceipts
{
    /// <summary>Writes it into the outbox. <paramref name="verdict"/> is the one that decides; <paramref name="paid"/> what was posted, in millicredits, and by which transfer.</summary>
    public static void Write(IStoreBatch batch, VerdictSubject subject, string leaseId, VerdictKind verdict, (long Mc, string TransferId)? paid, long nowMs)
    {
        if (batch.Query(
            """
            SELECT v.signed, r.report, r.result_digest, l.signed, (SELECT a.key_id FROM agents a WHERE a.agent_id = r.agent_id)
            FROM results r JOIN leases l ON l.lease_id = r.lease_id JOIN verdicts v ON v.lease_id = r.lease_id
            WHERE r.lease_id = $1 AND v.kind = $2 ORDER BY v.purpose DESC, v.at_ms DESC LIMIT 1
            """,
            row => (Verdict: row.Bytes(0), Report: row.Bytes(1), ResultDigest: row.Text(2), Lease: row.Bytes(3), KeyId: row.TextOrNull(4)), leaseId, EnumText.Of(verdict)) is not [var found]
            || SignedDocument.Read(found.Verdict, MeshJson.Default.Verdict) is not { } signed)
        {
            return;
        }

        var agent = LogOutbox.IsCode(subject.AgentId) ? subject.AgentId : LogOutbox.Self;
        var claims = ReportClaims.Of(found.Report);
        LogOutbox.Append(
            batch, RecordTypes.Receipt, subject.TaskId, subject.SubtaskId, agent,
            EventData.Of(
                ("acceptanceHash", signed.CheckDigest),
                ("agentId", agent),
                ("agentKeyId", found.KeyId),
                ("inputHash", signed.InputHash),
                ("modelHash", claims.ModelDigest ?? (claims.ModelId is { } model ? Hash(Encoding.UTF8.GetBytes(model)) : null)),
                ("outputHash", signed.OutputHash),
                ("policyHash", Hash(found.Lease)),
                ("priceMc", paid?.Mc ?? 0),
                ("resultHash", found.ResultDigest),
                ("sandboxHash", signed.SandboxDigest ?? claims.SandboxDigest),
                ("transferId", paid?.TransferId),
                ("verdict", EnumText.Of(verdict)),
                ("verifierId", signed.VerifierId)),
            nowMs);
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

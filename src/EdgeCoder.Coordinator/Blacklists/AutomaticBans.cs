using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>
/// The two bans that no person decides (economy-and-ledger 14): P1, two independent verifiers refute a result that claims success; P2, an agent signs two different results for one lease. 1. Rows that may
/// be a proof. 2. The proof, checked as a stranger would check it, with the keys that counted since the result was reported. 3. The event with its evidence, once for each proof: its id follows from the evidence, so neither a repeat nor a crash makes two, and one
/// that an operator revoked never comes back. A ban ends after 7 days. Work that an agent does for its own owner bans nobody.
/// </summary>
internal sealed class AutomaticBans(BlacklistChain chain, AgentKeyHistory history, CoordinatorIdentity identity, SecurityLog security, IStoreWriter writer, QueueClock time)
{
    // An audit may take a day; whoever was not running for some days still finds what it missed.
    internal const long WindowMs = 8L * 24 * 3_600_000;

    /// <summary>Bans whom rows prove guilty, and gives those who were not banned for it before.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        // 1.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var candidates = await writer.WriteAsync(batch => Candidates(batch, nowMs - WindowMs).Where(c => !IsKnown(batch, c)).ToList(), cancellationToken).ConfigureAwait(false);
        List<string> banned = [];
        foreach (var candidate in candidates)
        {
            // 2.
            var keys = await history.SinceAsync([.. candidate.Signers], candidate.AtMs, cancellationToken).ConfigureAwait(false);
            if (BlacklistProof.Of(candidate.Evidence, candidate.AgentId, id => id == identity.PeerId ? identity.PublicKeys : [.. keys[id]]) is not { } proven)
            {
                continue;
            }

            // 3.
            var (rule, keyId) = (proven.Rule, proven.Key.KeyId);
            bool? isNew;
            do
            {
                isNew = await writer.WriteAsync(batch => TryBan(batch, candidate, rule, keyId, nowMs), cancellationToken).ConfigureAwait(false);
            }
            while (isNew is null);

            if (isNew is true)
            {
                banned.Add(candidate.AgentId);
            }
        }

        return banned;
    }

    // Null: another silo took the place in the chain.
    private bool? TryBan(IStoreBatch batch, Candidate candidate, string rule, string keyId, long nowMs)
    {
        if (IsKnown(batch, candidate))
        {
            return false;
        }

        var reason = rule == BlacklistProof.Refuted ? "two verifiers refute a result that claims success" : "two different results signed for one lease";
        var report = new BlacklistReport(candidate.AgentId, BlacklistProof.ReasonOf(rule), reason, candidate.Hash, identity.PeerId, nowMs);
        if (chain.Append(
            batch,
            new()
            {
                EventId = candidate.EventId,
                AgentId = candidate.AgentId,
                SubjectKeyId = keyId,
                ReasonCode = report.ReasonCode,
                Reason = reason,
                EvidenceHash = candidate.Hash,
                EvidenceRef = "/security/blacklist/evidence/" + candidate.Hash,
                ReporterId = identity.PeerId,
                ReporterPublicKeyPem = identity.Key.PublicKey.Pem,
                ReporterSignature = report.Sign(identity.Key),
                EvidenceVerified = true,
                ReportedBy = "rule:" + rule,
                TimestampMs = nowMs,
                ExpiresAtMs = nowMs + BlacklistEvent.AutomaticMs,
            },
            nowMs) is null)
        {
            return null;
        }

        batch.TryInsert(new BlacklistEvidenceRow { Hash = candidate.Hash, Content = candidate.Evidence });
        security.Add(
            batch, SecurityEventKind.AutoBlacklistTriggered, SecurityLog.Agent, candidate.AgentId, "banned", nowMs,
            ("rule", JsonValue.Create(rule)), ("eventId", JsonValue.Create(candidate.EventId)), ("evidenceHash", JsonValue.Create(candidate.Hash)));
        return true;
    }

    private static bool IsKnown(IStoreBatch batch, Candidate candidate) => batch.Query("SELECT 1 FROM blacklist_events WHERE event_id = $1", r => r.Number(0), candidate.EventId).Count > 0;

    private static IEnumerable<Candidate> Candidates(IStoreBatch batch, long fromMs)
    {
        foreach (var (agentId, report, conflict, atMs) in batch.Query(
            """
            SELECT r.agent_id, r.report, r.conflict, r.reported_at_ms FROM results r JOIN leases l ON l.lease_id = r.lease_id JOIN tasks t ON t.task_id = r.task_id
            WHERE r.conflict IS NOT NULL AND r.reported_at_ms > $1 AND l.owner_account_id <> t.account_id
            """,
            r => (r.Text(0), r.Bytes(1), r.Bytes(2), r.Number(3)), fromMs))
        {
            yield return new(agentId, new() { V = 1, Rule = BlacklistProof.TwoResults, Reports = [Signed(report), Signed(conflict)] }, [agentId], atMs);
        }

        foreach (var leaseId in batch.Query(
            "SELECT lease_id FROM verdicts WHERE purpose = 'audit' AND kind = 'rejected' AND at_ms > $1 GROUP BY lease_id HAVING count(DISTINCT verifier_id) > 1", r => r.Text(0), fromMs))
        {
            var verdicts = batch.Query("SELECT verifier_id, signed FROM verdicts WHERE lease_id = $1 AND purpose = 'audit' AND kind = 'rejected' ORDER BY at_ms, verdict_id", r => (Verifier: r.Text(0), Signed: r.Bytes(1)), leaseId);
            if (batch.Query("SELECT agent_id, report, reported_at_ms FROM results WHERE lease_id = $1", r => (r.Text(0), r.Bytes(1), r.Number(2)), leaseId) is [var (agentId, report, atMs)])
            {
                yield return new(
                    agentId,
                    new() { V = 1, Rule = BlacklistProof.Refuted, Reports = [Signed(report)], Verdicts = [.. verdicts.Select(v => Convert.ToBase64String(v.Signed))] },
                    [agentId, .. verdicts.Select(v => v.Verifier)],
                    atMs);
            }
        }
    }

    private static ReportEvidence Signed(byte[] report)
    {
        var read = JsonSerializer.Deserialize(report, MeshJson.Default.ResultReport)!;
        return new(Convert.ToBase64String(ReportSignature.Content(read)), read.ReportSignature ?? "");
    }

    private sealed record Candidate(string AgentId, byte[] Evidence, string Hash, string EventId, IReadOnlyList<string> Signers, long AtMs)
    {
        public Candidate(string agentId, BlacklistProof proof, IReadOnlyList<string> signers, long atMs)
            : this(agentId, proof.Content(), signers, atMs)
        {
        }

        private Candidate(string agentId, byte[] evidence, IReadOnlyList<string> signers, long atMs)
            : this(agentId, evidence, Convert.ToHexStringLower(SHA256.HashData(evidence)), new Guid(SHA256.HashData(evidence).AsSpan(0, 16)).ToString("D"), signers, atMs)
        {
        }
    }
}

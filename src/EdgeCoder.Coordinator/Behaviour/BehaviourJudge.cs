using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Coordinator.Behaviour;

/// <summary>Turns findings into strikes (economy-and-ledger 15): each rule at most once in 15 minutes, and only for new facts. All of it is in rows.</summary>
internal sealed class BehaviourJudge(AgentStanding standing, SecurityLog security)
{
    /// <summary>A rule applies at most once in this time.</summary>
    public const long PauseMs = 900_000;

    /// <summary>Looks at an agent, in one transaction.</summary>
    /// <returns>What is new, and whether the agent is quarantined by it.</returns>
    public (IReadOnlyList<BehaviourFinding> New, bool Quarantined) Look(IStoreBatch batch, string agentId, long nowMs)
    {
        if (BehaviourReading.Of(batch, agentId, nowMs) is not { } facts)
        {
            return ([], false);
        }

        List<BehaviourFinding> made = [];
        var quarantined = false;
        foreach (var finding in BehaviourRules.Of(facts))
        {
            var (factMs, atMs) = batch.Query(
                "SELECT coalesce(max(fact_ms), 0), coalesce(max(at_ms), 0) FROM behaviour_events WHERE agent_id = $1 AND rule_id = $2", r => (r.Number(0), r.Number(1)), agentId, finding.RuleId)[0];
            if (finding.FactMs <= factMs || (atMs > 0 && nowMs - atMs < PauseMs) || !batch.TryInsert(Row(agentId, finding, nowMs)))
            {
                continue;
            }

            made.Add(finding);
            security.Add(
                batch, SecurityEventKind.BehavioralAnomalyDetected, SecurityLog.Agent, agentId, finding.Weight > 0 ? "strike" : "noted", nowMs,
                ("ruleId", JsonValue.Create(finding.RuleId)), ("strikes", JsonValue.Create(finding.Weight)), ("evidenceHash", JsonValue.Create(EvidenceHash([finding]))));
            if (finding.Weight > 0)
            {
                // The agent is told the rule and its figures.
                quarantined |= standing.Strike(batch, agentId, $"{finding.RuleId} {finding.Name}: {finding.Description}", finding.Weight, nowMs);
            }
        }

        return (made, quarantined);
    }

    /// <summary>SHA-256 of the canonical array of findings, hex.</summary>
    public static string EvidenceHash(IEnumerable<BehaviourFinding> findings) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(new JsonArray([.. findings.Select(f => (JsonNode)new JsonObject
    {
        ["ruleId"] = f.RuleId,
        ["ruleName"] = f.Name,
        ["severity"] = f.Severity switch { BehaviourSeverity.Warn => "WARN", BehaviourSeverity.High => "HIGH", _ => "CRITICAL" },
        ["blacklistReason"] = f.ReasonCode,
        ["description"] = f.Description,
        ["stats"] = new JsonObject(f.Stats.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)JsonValue.Create(s.Value)))),
    })]))));

    private static BehaviourFindingRow Row(string agentId, BehaviourFinding finding, long nowMs) => new()
    {
        AgentId = agentId, RuleId = finding.RuleId, FactMs = finding.FactMs, Severity = finding.Severity, ReasonCode = finding.ReasonCode, Description = finding.Description,
        EvidenceHash = EvidenceHash([finding]), AtMs = nowMs,
    };
}

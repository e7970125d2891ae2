using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Blacklists;

/// <summary>Chains of events as coordinators make them.</summary>
internal sealed class SampleBlacklist(string source, byte seed)
{
    public List<SignedBlacklistEvent> Events { get; } = [];

    public string Source => source;

    public SigningKey Key { get; } = SigningKey.FromSeed([.. Enumerable.Range(seed, 32).Select(n => (byte)n)]);

    public SignedBlacklistEvent Add(string agentId, long timestampMs = 1_700_000_000_000, long? expiresAtMs = null) => Append(BlacklistEvent.Add, null, agentId, timestampMs, expiresAtMs);

    public SignedBlacklistEvent Revoke(SignedBlacklistEvent entry) => Append(BlacklistEvent.Revoke, entry.Event.EventId, entry.Event.AgentId, entry.Event.TimestampMs, null);

    public static JsonObject Audit(string ownSource, IEnumerable<SignedBlacklistEvent> events)
    {
        var sorted = events.OrderBy(e => e.Event.SourceCoordinatorId, StringComparer.Ordinal).ThenBy(e => e.Event.Sequence).ToList();
        return new()
        {
            ["version"] = sorted.Count,
            ["chainHead"] = sorted.LastOrDefault(e => e.Event.SourceCoordinatorId == ownSource)?.Hash ?? BlacklistEvent.Genesis,
            ["events"] = new JsonArray([.. sorted.Select(e => e.Show())]),
        };
    }

    private SignedBlacklistEvent Append(string action, string? revokes, string agentId, long timestampMs, long? expiresAtMs)
    {
        var made = SignedBlacklistEvent.Sign(
            new()
            {
                V = 1, Action = action, RevokesEventId = revokes, Sequence = Events.Count + 1, EventId = new Guid(seed, (short)Events.Count, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, 1).ToString("D"), AgentId = agentId,
                ReasonCode = "manual_review", Reason = "by a test", EvidenceHashSha256 = new('a', 64), ReporterId = "op-1", EvidenceSignatureVerified = true, SourceCoordinatorId = source,
                ReportedBy = "operator:op-1", TimestampMs = timestampMs, ExpiresAtMs = expiresAtMs, PrevEventHash = Events.Count == 0 ? BlacklistEvent.Genesis : Events[^1].Hash,
            },
            Key);
        Events.Add(made);
        return made;
    }
}

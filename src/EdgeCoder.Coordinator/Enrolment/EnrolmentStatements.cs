using System.Collections.Concurrent;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>
/// Signed statements that an agent is enrolled here, valid 7 days, which it shows to another coordinator (coordinator-and-mesh 2.1, 10). One is signed again
/// when what it says changes, or daily; not at every heartbeat.
/// </summary>
internal sealed class EnrolmentStatements(CoordinatorIdentity identity)
{
    /// <summary>7 days.</summary>
    public const long LifeMs = 7L * 24 * 3_600_000;

    private const long RenewAfterMs = 24L * 3_600_000;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>The exact signed bytes in base64.</summary>
    public string Of(AgentRow agent, AgentStatus status, long nowMs)
    {
        // Offline and draining say nothing about enrolment, and they come and go.
        var state = EnumText.Of(status is AgentStatus.Offline or AgentStatus.Draining or AgentStatus.Archived ? AgentStatus.Active : status);
        if (_kept.TryGetValue(agent.AgentId, out var kept) && kept.State == state && kept.Key == agent.PublicKeySha256 && kept.Owner == agent.OwnerAccountId && nowMs - kept.IssuedAtMs < RenewAfterMs)
        {
            return kept.Statement;
        }

        var statement = new EnrolmentStatement
        {
            AgentId = agent.AgentId,
            PublicKeySha256 = agent.PublicKeySha256,
            OwnerAccountId = agent.OwnerAccountId,
            Status = state,
            IssuedAtMs = nowMs,
            ExpiresAtMs = nowMs + LifeMs,
        };
        var signed = Convert.ToBase64String(SignedDocument.Sign(DocumentContexts.Enrolment, statement, MeshJson.Default.EnrolmentStatement, identity.Key));
        _kept[agent.AgentId] = new(state, agent.PublicKeySha256, agent.OwnerAccountId, nowMs, signed);
        return signed;
    }

    private sealed record Kept(string State, string Key, string Owner, long IssuedAtMs, string Statement);
}

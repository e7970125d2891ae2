using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Protocol.Audits;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Whose turn an audit is (coordinator-and-mesh 5.3): the drawn agent of those who may have it, by id; after <see cref="PartitionState.TurnMs"/> the next.
/// Found anew when a second has passed or agents were read again. Not safe for threads.
/// </summary>
internal sealed class AuditTurns
{
    private const long FreshMs = 1_000;

    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>The agent; null when nobody may have it.</summary>
    public string? Of(SubtaskFacts audit, long draw, IQueueMoment moment)
    {
        if (_turns.TryGetValue(audit.SubtaskId, out var known) && ReferenceEquals(known.Agents, moment.Agents) && ReferenceEquals(known.Audit, audit) && moment.NowMs - known.AtMs is >= 0 and < FreshMs)
        {
            return known.AgentId;
        }

        var agent = Find(audit, draw, moment);
        _turns[audit.SubtaskId] = new(moment.Agents, audit, moment.NowMs, agent);
        return agent;
    }

    /// <summary>The audit does not wait any more.</summary>
    public void Forget(string recheckId) => _turns.Remove(recheckId);

    private static string? Find(SubtaskFacts audit, long draw, IQueueMoment moment)
    {
        var able = moment.Agents.Where(agent => Eligibility.JudgeShape(agent, audit.Shape, moment, preferredTime: false) is ExclusionRule.None).Select(agent => agent.AgentId).ToList();
        var fresh = able.Where(agent => !audit.FailedBy.Contains(agent, StringComparer.Ordinal)).ToList();
        var candidates = fresh.Count > 0 ? fresh : able;
        if (candidates.Count == 0)
        {
            return null;
        }

        candidates.Sort(StringComparer.Ordinal);
        var passed = Math.Max(0, moment.NowMs - Math.Max(audit.QueuedAtMs, audit.NotBeforeMs)) / PartitionState.TurnMs;
        return candidates[(int)((AuditDraw.AuditorOf(draw, candidates.Count) + passed) % candidates.Count)];
    }

    private sealed record Turn(IReadOnlyList<AgentFacts> Agents, SubtaskFacts Audit, long AtMs, string? AgentId);
}

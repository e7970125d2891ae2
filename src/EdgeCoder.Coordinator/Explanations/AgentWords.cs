using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Explanations;

/// <summary>Words for an idle agent. Pure.</summary>
internal static class AgentWords
{
    /// <summary>Joins what the partitions say: never empty.</summary>
    public static AgentExplanation Of(string agentId, string status, AgentFacts agent, IReadOnlyList<AgentJudgement> judgements, int most)
    {
        var subtasks = judgements.SelectMany(j => j.Subtasks).Take(most).ToList();
        var slots = judgements.Count == 0 ? 0 : judgements.Min(j => j.FreeSlots);
        if (subtasks.Any(s => s.Eligible))
        {
            return new(agentId, status, true, null, "Work waits for it: it gets it with its next pull.", slots, Words(subtasks));
        }

        var own = judgements.Select(j => j.StateRule).FirstOrDefault(r => r is not ExclusionRule.None);
        if (own is not ExclusionRule.None)
        {
            var detail = own is ExclusionRule.Power ? $"{own.Message()} ({agent.Power.Reason})" : own.Message();
            return new(agentId, status, false, own.Code(), detail, slots, Words(subtasks));
        }

        if (subtasks.Count == 0)
        {
            return new(agentId, status, true, null, "No work waits. It gets the next subtask that fits.", slots, []);
        }

        var nearest = subtasks.Max(s => s.Rule);
        if (nearest is ExclusionRule.None)
        {
            return new(agentId, status, true, "waiting_baseline", "Work waits, and its check is first tried on the untouched snapshot by a verifier.", slots, Words(subtasks));
        }

        return new(agentId, status, true, nearest.Code(), "Work waits, and none of it is for this agent: " + nearest.Message(), slots, Words(subtasks));
    }

    private static List<AgentSubtaskRule> Words(List<JudgedSubtask> subtasks) =>
        [.. subtasks.Select(s => new AgentSubtaskRule(s.SubtaskId, s.Eligible ? "eligible" : s.Rule is ExclusionRule.None ? "waiting_baseline" : s.Rule.Code()))];
}

using EdgeCoder.Coordinator.Agents;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Why an agent is idle, from the state that a pull would be answered from.</summary>
internal static class AgentJudgements
{
    /// <summary>Judges an agent against what waits, highest priority and oldest first.</summary>
    public static AgentJudgement Of(AgentFacts agent, PartitionState state, int most, long nowMs)
    {
        var moment = state.At(nowMs);
        return new(
            Eligibility.FreeSlots(agent, moment),
            Eligibility.JudgeAgent(agent, moment),
            [.. state.Work.All.OrderByDescending(s => s.Shape.Priority).ThenBy(s => s.QueuedAtMs).ThenBy(s => s.SubtaskId, StringComparer.Ordinal).Take(most).Select(s => new JudgedSubtask(s.SubtaskId, Eligibility.Judge(agent, s, moment), s.BaselineWaits))]);
    }
}

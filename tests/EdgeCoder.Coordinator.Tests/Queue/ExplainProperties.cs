using CsCheck;
using EdgeCoder.Coordinator.Explanations;
using EdgeCoder.Coordinator.Queue;
using static EdgeCoder.Coordinator.Tests.Queue.QueueStates;

namespace EdgeCoder.Coordinator.Tests.Queue;

/// <summary>What is explained is what a pull really gives, in every state of agents and work: never empty, always true (W13).</summary>
public sealed class ExplainProperties
{
    [Fact]
    public void An_agent_that_is_told_that_it_gets_work_gets_work_and_no_other_does() => States().Sample(sample =>
    {
        foreach (var agent in sample.Moment.Agents)
        {
            var state = State(sample);
            var judged = AgentJudgements.Of(agent, state, 100, Now);
            var eligible = judged.Subtasks.Where(s => s.Eligible).Select(s => s.SubtaskId).ToList();
            var picks = state.Take(agent, 1, -1, Now);
            Assert.Equal(eligible.Count > 0, picks.Count > 0);
            Assert.All(picks, pick => Assert.Contains(pick.Subtask.SubtaskId, eligible));
        }
    });

    [Fact]
    public void Every_waiting_subtask_is_given_to_an_agent_exactly_when_no_rule_is_named_for_it() => States().Sample(sample =>
    {
        foreach (var subtask in sample.Work)
        {
            foreach (var agent in sample.Moment.Agents)
            {
                // Alone in the queue, it is what a pull gets or not.
                var state = State((sample.Moment, [subtask]));
                var named = AgentJudgements.Of(agent, state, 100, Now).Subtasks.Single();
                Assert.Equal(named.Eligible, state.Take(agent, 1, -1, Now).Count == 1);
            }
        }
    });

    [Fact]
    public void Every_agent_gets_words_and_a_rule_where_it_gets_no_work() => States().Sample(sample =>
    {
        foreach (var agent in sample.Moment.Agents)
        {
            var state = State(sample);
            var words = AgentWords.Of(agent.AgentId, "active", agent, [AgentJudgements.Of(agent, state, 100, Now)], 100);
            Assert.NotEmpty(words.Message);
            var works = state.Take(agent, 1, -1, Now).Count > 0;
            Assert.Equal(works, words.Subtasks.Any(s => s.Rule is "eligible"));
            Assert.True(works || words.Rule is not null || words.Subtasks.Count == 0);
        }
    });

    private static PartitionState State((FixedMoment Moment, SubtaskFacts[] Work) sample)
    {
        var state = new PartitionState(new() { RequireVerifiedAgents = sample.Moment.RequireVerified }) { Agents = sample.Moment.Agents, Paused = sample.Moment.Paused };
        foreach (var (agent, count) in sample.Moment.Leases)
        {
            for (var i = 0; i < count; i++)
            {
                state.Leases.Put(new($"{agent}-{i}", $"held-{agent}-{i}", agent, "held", null, Now, Now + 1));
            }
        }

        Array.ForEach(sample.Work, state.Work.Put);
        return state;
    }
}

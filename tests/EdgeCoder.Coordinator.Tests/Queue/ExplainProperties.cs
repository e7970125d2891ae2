using CsCheck;
using EdgeCoder.Coordinator.Explanations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Protocol.Tasks;
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

    [Fact]
    public void Every_subtask_gets_words_whatever_its_state_and_they_fit_the_rules() => Subtasks().Sample(sample =>
    {
        var (subtask, rules) = sample;
        var (reason, message) = SubtaskWords.Of(subtask, rules, "task-1", Now);

        Assert.Matches("^[a-z_]+$", reason);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        var someone = rules?.Contains(ExclusionRule.None) == true;
        var others = subtask is { State: SubtaskState.Reported, Verifier: VerifierPlace.AnotherOwner };
        Assert.Equal(others && rules is not null && !someone, reason is "no_verifier");
        Assert.Equal((subtask.State is SubtaskState.Reported && !others) || (others && someone), reason is "waiting_verifier");
        var leasable = subtask is { State: SubtaskState.Queued, Baseline: not BaselineState.Waiting };
        Assert.Equal(leasable && someone, reason is "eligible");
        Assert.Equal(leasable && rules is [], reason is "no_agents");
        if (rules is { Length: > 0 } && !someone && (leasable || others))
        {
            // What has to change is named with what to do.
            Assert.Contains(rules.Max().Message(), message);
            Assert.True(others || reason == rules.Max().Code());
        }
    });

    private static Gen<(ExplainedSubtask Subtask, ExclusionRule[]? Rules)> Subtasks() =>
        from state in Gen.Enum<SubtaskState>()
        from baseline in Gen.Enum<BaselineState>()
        from verifier in Gen.Int[0, 2]
        from before in Gen.Int[0, 3]
        from open in Gen.Int[1, 5].List[0, 3]
        from rules in Gen.Enum<ExclusionRule>().Array[0, 4]
        from known in Gen.Bool
        from pause in Gen.Long[-1000, 1000]
        select (new ExplainedSubtask
        {
            State = state,
            StateReason = before == 0 ? null : "check_failed",
            Baseline = baseline,
            Verifier = verifier switch { 0 => null, 1 => VerifierPlace.Coordinator, _ => VerifierPlace.AnotherOwner },
            Before = before,
            Open = open,
            NotBeforeMs = Now + pause,
        }, known ? rules : null);

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

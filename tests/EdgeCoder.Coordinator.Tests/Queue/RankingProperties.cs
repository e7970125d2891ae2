using CsCheck;
using EdgeCoder.Coordinator.Queue;
using static EdgeCoder.Coordinator.Tests.Queue.QueueStates;

namespace EdgeCoder.Coordinator.Tests.Queue;

/// <summary>Rank, usage and the index of waiting work against their plain definitions.</summary>
public sealed class RankingProperties
{
    [Fact]
    public void The_index_finds_what_judging_and_ranking_everything_finds() => States().Sample(state =>
    {
        var work = new WaitingWork();
        foreach (var subtask in state.Work)
        {
            work.Put(subtask);
        }

        foreach (var agent in state.Moment.Agents)
        {
            Assert.Equal(Plain(agent, state.Work, state.Moment)?.SubtaskId, work.Best(agent, state.Moment)?.SubtaskId);
        }
    });

    [Fact]
    public void Work_that_an_agent_cannot_do_hides_none_that_it_can() => States().Sample(state =>
    {
        var work = new WaitingWork();
        Array.ForEach(state.Work, work.Put);
        foreach (var agent in state.Moment.Agents)
        {
            var any = state.Work.Any(s => !s.BaselineWaits && Eligibility.Judge(agent, s, state.Moment) is ExclusionRule.None);
            Assert.Equal(any, work.Best(agent, state.Moment) is not null);
        }
    });

    [Fact]
    public void A_subtask_that_waits_long_enough_goes_before_any_newcomer_of_its_priority() =>
        Gen.Select(Gen.Int[0, 100], Gen.Double[0, 1000]).Sample((priority, usage) =>
            Assert.True(Ranking.Rank(priority, 0, 600_000, usage) >= Ranking.Rank(priority, 600_000, 600_000, 0)));

    [Fact]
    public void Usage_halves_every_ten_minutes_whatever_the_order_of_grants() =>
        Gen.Long[0, 3_600_000].Array[1, 20].Sample(times =>
        {
            var (told, reversed) = (new ProjectUsage(), new ProjectUsage());
            foreach (var (first, last) in times.Zip(times.Reverse()))
            {
                told.Granted("p", first);
                reversed.Granted("p", last);
            }

            var expected = times.Sum(at => Math.Pow(0.5, (4_000_000 - at) / 600_000.0));
            Assert.Equal(expected, told.Of("p", 4_000_000), 6);
            Assert.Equal(expected, reversed.Of("p", 4_000_000), 6);
        });

    [Fact]
    public void Removing_leaves_nothing_behind()
    {
        var work = new WaitingWork();
        work.Put(Subtask("s-1"));
        work.Put(Subtask("s-1") with { QueuedAtMs = Now - 5 });
        Assert.Equal(1, work.Count);
        Assert.NotNull(work.Remove("s-1"));
        Assert.Null(work.Remove("s-1"));
        Assert.Null(work.Best(Worker(), new FixedMoment()));
    }

    private static SubtaskFacts? Plain(EdgeCoder.Coordinator.Agents.AgentFacts agent, SubtaskFacts[] work, FixedMoment moment) => work
        .Where(s => !s.BaselineWaits && Eligibility.Judge(agent, s, moment) is ExclusionRule.None)
        .OrderByDescending(s => Ranking.Rank(s.Shape.Priority, s.QueuedAtMs, moment.NowMs, moment.Usage(s.Shape.ProjectId)))
        .ThenBy(s => s.QueuedAtMs)
        .ThenBy(s => s.SubtaskId, StringComparer.Ordinal)
        .FirstOrDefault();
}

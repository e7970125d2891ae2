using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Postgres;
using static EdgeCoder.Coordinator.Tests.Queue.Running.RunningQueue;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>The queue on PostgreSQL, with four partitions and two silos.</summary>
public sealed class TwoSilosTests
{
    private static readonly Coordinator.Queue.QueueOptions Options = new() { Partitions = 4 };

    [Fact]
    public async Task Every_transition_works_on_postgres()
    {
        await using var queue = await StartAsync(Options, await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var agent = queue.Enrol("agent-1", "acct-worker");
        var accepted = await queue.SubmitAsync(Text("task-1", t => t with
        {
            DataClass = "mesh",
            Plan = TaskPlan.Given,
            MaxAttempts = 1,
            Subtasks = [new() { Prompt = "first" }, new() { Prompt = "second", DependsOn = [new(null, 0)] }],
        }));
        var work = await agent.WorkAsync();
        await queue.Queue.ReleaseAsync("agent-1", work.Lease.LeaseId, "busy", Stop);
        work = await agent.WorkAsync();
        await queue.Queue.ExtendAsync("agent-1", [new(work.Lease.LeaseId, 3, "step")], Stop);
        await agent.PostAsync(agent.Report(work, ok: false));
        await queue.JudgeAsync(VerdictKind.Rejected, VerdictReasons.AgentReportedFailure);
        Assert.Equal("escalated", await queue.StateAsync("task-1"));
        await queue.Queue.ResumeEscalatedAsync(accepted.Subtasks[0], "more context", Stop);
        work = await agent.WorkAsync();
        queue.Time.Advance(TimeSpan.FromSeconds(1));
        await agent.PostAsync(agent.Report(work));
        await Assert.ThrowsAsync<Refusal>(() => agent.PostAsync(agent.Report(work, output: "other")));
        await queue.JudgeAsync(VerdictKind.Accepted, VerdictReasons.Ok, audit: true);
        var books = await Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateInstance<Coordinator.Accounts.BookCheck>(queue.Services).RunAsync(Stop);
        Assert.Empty(books.Differences);
        Assert.True(books.Ok);
        var second = await agent.WorkAsync();
        Assert.Contains("Subtask 1 result: hello", second.Order.Input);
        await queue.Queue.AgentChangedAsync("agent-1", true, "withdrawn", Stop);
        await queue.Queue.CancelAsync("task-1", "enough", Stop);
        await queue.SubmitAsync(Text("task-2", t => t with { DeadlineMs = queue.NowMs + 1 }));
        queue.Time.Advance(TimeSpan.FromHours(24));
        for (var partition = 0; partition < 4; partition++)
        {
            await queue.SweepAsync(partition);
        }

        Assert.Equal("failed", await queue.StateAsync("task-2"));
        Assert.Equal("cancelled", await queue.StateAsync("task-1"));
        Assert.Equal(0, await queue.CountAsync("SELECT COUNT(*) FROM open_audits"));
        Assert.True((await queue.ChargesAsync("task-1")).Posted > 0);
    }

    [Fact]
    public async Task Two_silos_lease_each_subtask_once()
    {
        await using var first = await StartAsync(Options, await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        await using var second = await first.SecondAsync(Options);
        var here = Enumerable.Range(0, 4).Select(i => first.Enrol($"agent-{i}", change: a => a with { DeclaredSlots = 10, Policy = new(false, 10, 0, 0) })).ToArray();
        var there = here.Select(second.Enrol).ToArray();

        for (var i = 0; i < 20; i++)
        {
            await (i % 2 == 0 ? first : second).SubmitAsync(Text($"task-{i}"));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? here : there)[i % 4].PullAsync()));
        var leased = answers.SelectMany(a => a.Assignments).Select(a => a.Lease.SubtaskId).ToList();

        // Pulls that lost a race left their subtask in the queue.
        for (var i = 0; i < 60 && leased.Count < 20; i++)
        {
            leased.AddRange((await (i % 2 == 0 ? here : there)[i % 4].PullAsync()).Assignments.Select(a => a.Lease.SubtaskId));
        }

        Assert.Equal(20, leased.Count);
        Assert.Equal(20, leased.Distinct().Count());
        Assert.Equal(20, await first.CountAsync("SELECT COUNT(*) FROM leases WHERE state = 'live'"));
    }
}

using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Explanations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;
using EdgeCoder.TestKit.Processes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static EdgeCoder.Coordinator.Tests.Queue.Running.RunningQueue;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>What people read of tasks (coordinator-and-mesh 4.7, W13, W14).</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private static readonly Caller Operator = new() { Kind = CallerKinds.Operator, Name = "ops" };
    private RunningQueue _queue = null!;

    private Explanation Explanation => _queue.Services.GetRequiredService<Explanation>();

    private TaskViews Views => _queue.Services.GetRequiredService<TaskViews>();

    public async ValueTask InitializeAsync() => _queue = await StartAsync();

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    [Fact]
    public async Task A_waiting_task_names_what_it_waits_for_at_every_step()
    {
        await _queue.SubmitAsync(Text("task-1", t => t with { Plan = TaskPlan.Given, Subtasks = [new() { Prompt = "a" }, new() { Prompt = "b", DependsOn = [new(null, 0)] }] }));
        await ExpectAsync("no_agents", "waiting_dependency");
        var agent = _queue.Enrol("agent-1", "acct-other");
        await ExpectAsync("data_class", "waiting_dependency");
        _queue.Change(agent, a => a with { OwnerAccountId = Account, Status = AgentStatus.Offline });
        await ExpectAsync("agent_offline", "waiting_dependency");
        _queue.Change(agent, a => a with { Status = AgentStatus.Active });
        await ExpectAsync("eligible", "waiting_dependency");
        var work = await agent.WorkAsync();
        await ExpectAsync("leased", "waiting_dependency");
        await agent.PostAsync(agent.Report(work));
        await ExpectAsync("waiting_verifier", "waiting_dependency");
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        await ExpectAsync("accepted", "eligible");
    }

    [Fact]
    public async Task Operators_see_agents_by_name_and_owners_do_not()
    {
        _queue.Enrol("agent-1", "acct-other");
        await _queue.SubmitAsync(Text("task-1"));
        Assert.Null((await Explanation.OfTaskAsync("task-1", Owner, Stop)).Subtasks[0].Agents);
        Assert.Equal("agent-1", Assert.Single((await Explanation.OfTaskAsync("task-1", Operator, Stop)).Subtasks[0].Agents!).AgentId);
    }

    [Fact]
    public async Task An_idle_agent_hears_its_rule_and_the_next_step()
    {
        var agent = _queue.Enrol("agent-1");
        Assert.Contains("No work waits", (await Explanation.OfAgentAsync("agent-1", Stop)).Message);
        await _queue.SubmitAsync(Text("task-1"));
        Assert.Equal("eligible", Assert.Single((await Explanation.OfAgentAsync("agent-1", Stop)).Subtasks).Rule);
        _queue.Change(agent, a => a with { Status = AgentStatus.Draining });
        var words = await Explanation.OfAgentAsync("agent-1", Stop);
        Assert.Equal((false, "agent_draining"), (words.CanLease, words.Rule));
        Assert.Equal("agent_not_found", (await Assert.ThrowsAsync<Refusal>(() => Explanation.OfAgentAsync("agent-9", Stop))).Error);
    }

    [Fact]
    public async Task A_task_is_readable_by_its_owner_and_nobody_else()
    {
        var stranger = new Caller { Kind = CallerKinds.Submitter, Name = "other", Accounts = ["acct-other"] };
        await _queue.SubmitAsync(Text("task-1"));
        Assert.Equal(TaskState.Planned, (await Views.ViewAsync("task-1", Owner, Stop)).State);
        Assert.Equal("task-1", Assert.Single((await Views.ListAsync(Owner, null, 10, null, Stop)).Tasks).TaskId);
        Assert.Empty((await Views.ListAsync(stranger, null, 10, null, Stop)).Tasks);
        foreach (var read in new Func<Task>[] { () => Views.ViewAsync("task-1", stranger, Stop), () => Views.ResultAsync("task-1", stranger, Stop), () => Explanation.OfTaskAsync("task-1", stranger, Stop) })
        {
            Assert.Equal("task_not_found", (await Assert.ThrowsAsync<Refusal>(read)).Error);
        }
    }

    [Fact]
    public async Task Lists_go_on_where_the_page_ended()
    {
        for (var i = 0; i < 5; i++)
        {
            await _queue.SubmitAsync(Text($"task-{i}"));
        }

        var first = await Views.ListAsync(Owner, null, 3, null, Stop);
        Assert.True(TaskCursor.TryRead(first.NextCursor!, out var cursor));
        var second = await Views.ListAsync(Owner, null, 3, cursor, Stop);
        Assert.Null(second.NextCursor);
        Assert.Equal(5, first.Tasks.Concat(second.Tasks).Select(t => t.TaskId).Distinct().Count());
    }

    [Fact]
    public async Task Events_stream_from_any_sequence_to_the_end()
    {
        var agent = _queue.Enrol("agent-1");
        await _queue.SubmitAsync(Text("task-1"));
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        http.Response.Body = body;
        var stream = _queue.Services.GetRequiredService<TaskEventStream>().WriteAsync(http, "task-1", 1, Stop);
        await agent.PostAsync(agent.Report(await agent.WorkAsync()));
        await _queue.JudgeAsync(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable);
        await stream.WaitAsync(ProgramRun.Patience, Stop);
        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        Assert.StartsWith("id: 2\n", text, StringComparison.Ordinal);
        Assert.Contains("event: lease.granted\n", text);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        Assert.Contains("event: end\n", text);
        Assert.DoesNotContain("agent-1\"", text);
    }

    [Fact]
    public async Task A_result_of_the_operators_own_machine_names_rule_by_rule_why_nobody_verifies_it()
    {
        await using var queue = await StartAsync(new QueueOptions { OperatorAccountId = "acct-operator" });
        var explanation = queue.Services.GetRequiredService<Explanation>();
        var worker = queue.Enrol("worker", "acct-operator");
        var digest = new string('a', 64);
        await queue.HoldAsync(digest);
        await queue.SubmitAsync(Text("task-1", t => t with
        {
            Kind = SubtaskKind.MicroLoop,
            DataClass = "mesh",
            AcceptanceCheck = new AcceptanceCheck { Command = ["runner"], TimeoutMs = 4_000, Report = CheckReport.Runner, Files = [new("test_a.py", digest)] },
        }));
        Assert.Equal("waiting_baseline", (await ReadAsync()).Reason);
        await queue.Queue.ConcludeBaselineAsync("b", await queue.Queue.ClaimBaselineAsync("b", Stop), null, 1, Stop);
        await worker.PostAsync(worker.Report(await worker.WorkAsync()));

        var alone = await ReadAsync();
        Assert.Equal(("no_verifier", 0, "owner_conflict"), (alone.Reason, alone.Eligible, Assert.Single(alone.Excluded).Rule));
        Assert.Contains("add a machine of another owner", alone.Message);
        var other = queue.Enrol("other", "acct-other", a => a with { Status = AgentStatus.Draining });
        Assert.Equal("owner_conflict, agent_draining", string.Join(", ", (await ReadAsync()).Excluded.Select(e => e.Rule).OrderDescending(StringComparer.Ordinal)));
        queue.Change(other, a => a with { Status = AgentStatus.Active });
        Assert.Equal(("waiting_verifier", 1), ((await ReadAsync()).Reason, (await ReadAsync()).Eligible));
        await other.WorkAsync();
        Assert.Equal("verifying", (await ReadAsync()).Reason);

        async Task<SubtaskExplanation> ReadAsync()
        {
            await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
            return Assert.Single((await explanation.OfTaskAsync("task-1", Operator, Stop)).Subtasks);
        }
    }

    private async Task ExpectAsync(params string[] reasons)
    {
        await _queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        var explained = await Explanation.OfTaskAsync("task-1", Owner, Stop);
        Assert.NotEmpty(explained.Message);
        Assert.All(explained.Subtasks, s => Assert.NotEmpty(s.Message));
        Assert.Equal(reasons, explained.Subtasks.Select(s => s.Reason));
    }
}

using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>As a new user tries it: every role on this machine, then a second process that joins.</summary>
public sealed class UpTests
{
    private const string Request = "write a function that merges two dictionaries";

    private static readonly string Tests = "assert merge_dicts({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\nassert merge_dicts({}, {'x': 0}) == {'x': 0}\n";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task One_command_starts_everything_and_submitted_work_comes_back_verified()
    {
        await using var coordinator = new RunningCoordinator(selfAgent: true, fresh: true);
        await coordinator.StartAsync(Patience);

        // Ready names what is not ready, and a line follows when it is.
        Assert.Contains("not proven its sandbox", coordinator.Ready.GetProperty("notReady").GetProperty("worker").GetString(), StringComparison.Ordinal);
        await coordinator.SaysAsync("finished", Patience);
        Assert.Contains("self-", (await coordinator.AskAsync("node", "list")).GetRawText(), StringComparison.Ordinal);

        var tests = coordinator.Run.Write("tests.py", Tests);
        var code = await coordinator.DoAsync("submit", Request, "--tests", tests, "--wait");
        Assert.Contains("def merge_dicts", code, StringComparison.Ordinal);

        var task = (await coordinator.AskAsync("status")).GetProperty("tasks")[0];
        Assert.Equal("completed", task.GetProperty("state").GetString());
        Assert.Equal(0, task.GetProperty("credits").GetProperty("reserved").GetDecimal());
        Assert.True(task.GetProperty("credits").GetProperty("posted").GetDecimal() > 0);
    }

    [Fact]
    public async Task A_model_server_that_answers_later_ends_nothing_and_the_worker_comes_when_it_does()
    {
        await using var server = await ScriptedOpenAI.StartAsync(new ScriptedModel { Id = "scripted" });
        server.ApiKey = "not yet";
        await using var coordinator = new RunningCoordinator(selfAgent: true);
        coordinator.Run.Write(".config/edgecoder/models.json", $$"""{"servers":[{"name":"scripted","address":"{{server.BaseAddress}}","reach":"this-machine","contextWindow":8192}]}""");
        await coordinator.StartAsync(Patience);
        await coordinator.SaysAsync("note", Patience);
        await coordinator.DoAsync("status");
        server.ApiKey = null;
        await coordinator.SaysAsync("finished", Patience);
    }

    [Fact]
    public async Task A_second_process_joins_by_code_that_works_once_waits_for_approval_and_works()
    {
        await using var coordinator = new RunningCoordinator(selfAgent: false);
        await using var worker = new RunningWorker();
        await coordinator.StartAsync(Patience);
        var code = (await coordinator.AskAsync("node", "enroll", "node-two")).GetProperty("joinCode").GetString()!;
        worker.Start("join", code);
        await worker.SaysAsync("status", "pending_approval", Patience);
        using (var third = new EdgeCoderRun())
        {
            var refused = await third.ToEndAsync("worker", "join", code);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.DoesNotContain("Unhandled", refused.Error, StringComparison.Ordinal);
        }

        var tests = coordinator.Run.Write("tests.py", Tests);
        var task = (await coordinator.AskAsync("submit", Request, "--tests", tests)).GetProperty("taskId").GetString()!;
        var why = await coordinator.AskAsync("explain", task);
        Assert.Contains("agent_pending_approval", why.GetRawText(), StringComparison.Ordinal);

        await coordinator.DoAsync("node", "approve", "node-two");
        var made = await coordinator.DoAsync("result", task, "--wait");
        Assert.Contains("def merge_dicts", made, StringComparison.Ordinal);
    }
}

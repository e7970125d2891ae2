using System.Text.Json;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>Work that no node can do, with real processes: failing subtask, waterfall, person, verified result (agent-executor-models 7; failure mode C1).</summary>
public sealed class EscalationTests
{
    private const string Request = "write a function that merges two dictionaries";

    // The demonstration model names its function merge_dicts, so neither a node nor the inference service gets there.
    private const string Tests = "assert join_maps({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}\nassert join_maps({}, {'x': 0}) == {'x': 0}\n";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task Nothing_between_a_failing_subtask_and_a_persons_verified_code_is_lost_by_kills()
    {
        await using var coordinator = new RunningCoordinator(selfAgent: true);
        await coordinator.StartAsync(Patience);

        // 1. It is killed in the moment of the escalation; the waterfall is gone through all the same.
        var task = await SubmitAsync(coordinator);
        await HappensAsync(coordinator, task, "escalation");
        await RestartAsync(coordinator);
        await WaitsForPersonAsync(coordinator, task);
        Assert.Contains(task, await coordinator.DoAsync("escalations", "list"), StringComparison.Ordinal);
        var record = await coordinator.AskAsync("escalations", "show", task);
        Assert.Equal("pending_human", record.GetProperty("human").GetProperty("status").GetString());
        Assert.Contains("merge_dicts", record.GetProperty("failedCode").GetString(), StringComparison.Ordinal);
        var tried = record.GetProperty("automatedAttempts").EnumerateArray().Select(attempt => attempt.GetProperty("step").GetString()).Distinct();
        Assert.Equal(["inference-service", "parent-coordinator", "cloud-inference"], tried);

        // 2. It was killed while it waits for a person: the same record is there.
        await RestartAsync(coordinator);
        Assert.Equal(record.GetRawText(), (await coordinator.AskAsync("escalations", "show", task)).GetRawText());

        // 3. Code that fails the tests does not count, and the record stays open.
        var wrong = coordinator.Run.Write("wrong.py", "def join_maps(a, b):\n    return {}\n");
        await coordinator.DoAsync("escalations", "respond", task, "--edit", wrong);
        await RestartAsync(coordinator);
        await WaitsForPersonAsync(coordinator, task);
        var again = await coordinator.AskAsync("escalations", "show", task);
        Assert.Equal(record.GetProperty("escalationId").GetString(), again.GetProperty("escalationId").GetString());
        Assert.Equal("rejected", again.GetProperty("verification").GetString());

        // 4. Right code is run by the verifier although the coordinator was killed after the answer.
        var right = coordinator.Run.Write("right.py", "def join_maps(a, b):\n    return {**a, **b}\n");
        await coordinator.DoAsync("escalations", "respond", task, "--edit", right);
        await RestartAsync(coordinator);
        Assert.Equal("def join_maps(a, b):\n    return {**a, **b}\n", await coordinator.DoAsync("result", task, "--wait"));
        Assert.Equal(0, (await coordinator.AskAsync("status", task)).GetProperty("credits").GetProperty("reserved").GetDecimal());

        // 5. It was decided; a later answer changes nothing.
        var late = await coordinator.Run.ToEndAsync("escalations", "respond", task, "--abandon", "--json");
        Assert.Equal(2, late.ExitCode);
        Assert.Contains("escalation_not_pending", late.Output, StringComparison.Ordinal);
        Assert.Equal("completed", (await coordinator.AskAsync("status", task)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Context_starts_a_new_attempt_and_giving_up_fails_the_task_and_voids_what_it_held()
    {
        await using var coordinator = new RunningCoordinator(selfAgent: true);
        await coordinator.StartAsync(Patience);
        var task = await SubmitAsync(coordinator);
        await WaitsForPersonAsync(coordinator, task);
        var first = await coordinator.AskAsync("escalations", "show", task);

        await coordinator.DoAsync("escalations", "respond", task, "--context", "The function is called join_maps.");
        await WaitsForPersonAsync(coordinator, task);
        var second = await coordinator.AskAsync("escalations", "show", task);
        Assert.NotEqual(first.GetProperty("escalationId").GetString(), second.GetProperty("escalationId").GetString());
        Assert.Equal("pending_human", second.GetProperty("human").GetProperty("status").GetString());
        Assert.Contains("The function is called join_maps.", second.GetProperty("task").GetString(), StringComparison.Ordinal);

        await coordinator.DoAsync("escalations", "respond", task, "--abandon");
        var end = await coordinator.Run.ToEndAsync("result", task, "--wait", "--json");
        Assert.Equal(1, end.ExitCode);
        var leases = end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Count(line => line.TryGetProperty("type", out var type) && type.GetString() == "lease.granted");
        Assert.Equal(2, leases);
        var status = await coordinator.AskAsync("status", task);
        Assert.Equal(("failed", "escalation_abandoned"), (status.GetProperty("state").GetString(), status.GetProperty("stateReason").GetString()));
        Assert.Equal(0, status.GetProperty("credits").GetProperty("reserved").GetDecimal());
        Assert.Equal(0, status.GetProperty("credits").GetProperty("posted").GetDecimal());
        Assert.Empty((await coordinator.AskAsync("escalations", "list")).GetProperty("escalations").EnumerateArray());
    }

    private static async Task<string> SubmitAsync(RunningCoordinator coordinator) =>
        (await coordinator.AskAsync("submit", Request, "--tests", coordinator.Run.Write("tests.py", Tests), "--max-attempts", "1")).GetProperty("taskId").GetString()!;

    private static async Task RestartAsync(RunningCoordinator coordinator)
    {
        await coordinator.KillAsync();
        await coordinator.StartAsync(Patience);
    }

    private static async Task HappensAsync(RunningCoordinator coordinator, string task, string type)
    {
        using var following = coordinator.Run.Start("result", task, "--wait", "--json");
        following.StandardInput.Close();
        while (await following.StandardOutput.ReadLineAsync(Patience) is { } line)
        {
            using var happened = JsonDocument.Parse(line);
            if (happened.RootElement.TryGetProperty("type", out var said) && said.GetString() == type)
            {
                following.Kill();
                return;
            }
        }

        Assert.Fail($"There was no {type}: {coordinator.Errors}");
    }

    /// <summary>Follows it until the program says that a person has to answer.</summary>
    private static async Task WaitsForPersonAsync(RunningCoordinator coordinator, string task)
    {
        var end = await coordinator.Run.ToEndAsync("result", task, "--wait");
        Assert.True(end.ExitCode == 3 && end.Error.Contains("edgecoder escalations show " + task, StringComparison.Ordinal), $"{end}\n--- up\n{coordinator.Errors}");
    }
}

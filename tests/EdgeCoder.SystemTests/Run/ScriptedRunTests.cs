using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.SystemTests.Run.ScriptedCoder;

namespace EdgeCoder.SystemTests.Run;

/// <summary>The whole program against a model that behaves badly: real processes, real HTTP, real sandbox.</summary>
public sealed class ScriptedRunTests
{
    private const string Good = "def double(x):\n    return x * 2";

    [Fact]
    public async Task A_wrong_first_answer_is_fixed_at_the_second_try()
    {
        await using var coder = await StartAsync(Python("def double(x):\n    return x + 2"), Python(Good));
        var (result, done) = await RunAsync(coder, "double a number");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal((SessionOutcome.Succeeded, Verification.SelfTested, 2), (done.Outcome, done.Verification, done.Execution.Iterations));
        Assert.Contains("test_zero", coder.CodePrompts[1], StringComparison.Ordinal);
        Assert.Equal(Good, done.Execution.GeneratedCode!.Trim());
    }

    [Fact]
    public async Task A_syntax_error_goes_back_with_its_line()
    {
        await using var coder = await StartAsync(Python("def double(x)\n    return x * 2"), Python(Good));
        var (result, _) = await RunAsync(coder, "double a number");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("def double(x)", coder.CodePrompts[1], StringComparison.Ordinal);
        Assert.Contains("line 1", coder.CodePrompts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_loop_is_stopped_and_twice_ends_the_session()
    {
        await using var coder = await StartAsync(Python("def double(x):\n    while True:\n        pass"), Python("def double(x):\n    while x == x:\n        pass"));
        var (result, done) = await RunAsync(coder, "double a number", "--timeout", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal((EscalationReason.Timeout, QueueReason.Timeout), (done.Execution.EscalationReason, done.Execution.RunResult?.QueueReason));
    }

    [Fact]
    public async Task A_memory_bomb_is_contained_and_told_to_the_model()
    {
        await using var coder = await StartAsync(Python("def double(x):\n    return len('x' * (1 << 34))"), Python(Good));
        var (result, done) = await RunAsync(coder, "double a number");
        Assert.Equal((0, 2), (result.ExitCode, done.Execution.Iterations));
    }

    [Fact]
    public async Task A_refusal_or_an_empty_answer_is_no_code_and_ends_honestly()
    {
        foreach (var reply in (string[])["I'm sorry, but I can't help with that.", " "])
        {
            await using var coder = await StartAsync(reply);
            var (result, done) = await RunAsync(coder, "double a number");
            Assert.Equal(1, result.ExitCode);
            Assert.NotEqual(SessionOutcome.Succeeded, done.Outcome);
            Assert.NotNull(done.Execution.EscalationReason);
            Assert.False(string.IsNullOrEmpty(done.Execution.OutcomeMessage));
        }
    }

    [Fact]
    public async Task A_server_that_dies_in_mid_stream_ends_the_session_with_a_reason_and_is_resumed()
    {
        await using var coder = await StartAsync(Python(Good));
        coder.Model.Fault = new ScriptedFault { CutAfterPieces = 3 };
        var (result, done) = await RunAsync(coder, "double a number");
        Assert.Equal((1, EscalationReason.ModelUnavailable), (result.ExitCode, done.Execution.EscalationReason));
        Assert.Equal(0, done.Execution.Iterations);

        coder.Model.Fault = null;
        var resumed = await coder.Run.ToEndAsync("run", "--resume", done.SessionId, "--json");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
    }

    [Fact]
    public async Task Own_tests_decide_and_are_called_so()
    {
        await using var coder = await StartAsync(Python("def double(x):\n    return x * 2"));
        var tests = coder.Run.Write("mine.py", "assert double(3) == 6\nassert double(-1) == -2\n");
        var (result, done) = await RunAsync(coder, "double a number", "--tests", tests);
        Assert.Equal((0, Verification.ProjectTested, "acceptance"), (result.ExitCode, done.Verification, done.Execution.TestsBy));
    }

    [Fact]
    public async Task Code_is_written_only_when_its_tests_passed()
    {
        await using var wrong = await StartAsync(Python("def double(x):\n    return 0"));
        var (failed, _) = await RunAsync(wrong, "double a number", "--out", "out.py", "--max-iterations", "1");
        Assert.Equal(1, failed.ExitCode);
        Assert.False(File.Exists(Path.Combine(wrong.Run.Directory, "out.py")));

        await using var right = await StartAsync(Python(Good));
        var (succeeded, _) = await RunAsync(right, "double a number", "--out", "out.py");
        Assert.Equal(0, succeeded.ExitCode);
        Assert.Equal(Good, (await File.ReadAllTextAsync(Path.Combine(right.Run.Directory, "out.py"), TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task Exit_code_zero_with_no_test_run_is_no_success()
    {
        await using var coder = await StartAsync(Python(Good + "\nimport os\nos._exit(0)"));
        var (result, done) = await RunAsync(coder, "double a number", "--max-iterations", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.NotEqual(SessionOutcome.Succeeded, done.Outcome);
    }

    [Fact]
    public async Task Ctrl_C_stops_and_leaves_a_session_to_resume()
    {
        await using var coder = await StartAsync(Python(Good));
        var gate = new TaskCompletionSource();
        coder.Model.Fault = new ScriptedFault { WaitFor = gate.Task, WaitBeforePiece = 2 };
        using var process = coder.Run.Start("run", "double a number", "--json");
        var first = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"seq\":1", first, StringComparison.Ordinal);

        using var kill = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var patience = new CancellationTokenSource(ProgramRun.Patience);
        var rest = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(130, process.ExitCode);
        var done = Events(rest).OfType<DoneEvent>().Single();
        Assert.Equal(SessionOutcome.Cancelled, done.Outcome);

        coder.Model.Fault = null;
        Assert.Equal(0, (await coder.Run.ToEndAsync("run", "--resume", done.SessionId, "--json")).ExitCode);
    }

    [Fact]
    public async Task Two_runs_at_once_do_not_disturb_each_other()
    {
        await using var coder = await StartAsync(Python(Good));
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => coder.Run.ToEndAsync("run", "double a number", "--json")));
        Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.ToString()));
        Assert.Equal(3, runs.Select(run => Events(run.Output).OfType<DoneEvent>().Single().SessionId).Distinct().Count());
    }

    [Fact]
    public async Task Work_that_must_stay_here_is_not_sent_to_a_server_elsewhere()
    {
        await using var coder = await StartAsync(Python(Good));
        var settings = Path.Combine(coder.Run.Directory, "config", "models.json");
        await File.WriteAllTextAsync(settings, (await File.ReadAllTextAsync(settings, TestContext.Current.CancellationToken)).Replace("this-machine", "team", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var result = await coder.Run.ToEndAsync("run", "double a number", "--model", "openai-compatible/scripted/scripted");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Empty(coder.CodePrompts);
    }

    private static async Task<(ProgramResult Result, DoneEvent Done)> RunAsync(ScriptedCoder coder, params string[] arguments)
    {
        var result = await coder.Run.ToEndAsync(["run", .. arguments, "--json"]);
        var events = Events(result.Output);
        Assert.True(events.Count > 0 && events[^1] is DoneEvent, result.ToString());
        Assert.Equal(Enumerable.Range(1, events.Count).Select(seq => (long)seq), events.Select(sessionEvent => sessionEvent.Seq));
        return (result, (DoneEvent)events[^1]);
    }

    private static List<SessionEvent> Events(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, ProtocolJson.Default.SessionEvent)!)];
}

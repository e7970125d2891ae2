using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>The observation table, row by row: what is fed back and what happens then.</summary>
public sealed class ObservationTests
{
    [Fact]
    public async Task Syntax_error_is_fed_back_and_neither_ends_nor_escalates()
    {
        using var scenario = Scenario.WithRuns(Runs.SyntaxError(1, 9, "invalid syntax"), Runs.Passed("test_it"));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Null(told.Escalation);
        Assert.Contains("invalid syntax", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
        Assert.Contains("line 1, column 9", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_test_is_fed_back_with_values_streams_and_exit_code()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        await scenario.RunAsync();

        var feedback = scenario.Client.Calls[3].UserText;
        foreach (var part in (string[])["test_it", "expected: {'a': 1, 'b': 2}", "actual: {'a': 1}", "seen on stdout", "seen on stderr", "Exit code: 1", "return a", "2 attempts are left"])
        {
            Assert.Contains(part, feedback, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(QueueReason.OutsideSubset, EscalationReason.OutsideSubset)]
    [InlineData(QueueReason.Timeout, EscalationReason.Timeout)]
    [InlineData(QueueReason.MemoryLimit, EscalationReason.MemoryLimit)]
    [InlineData(QueueReason.OutputLimit, EscalationReason.OutputLimit)]
    public async Task Refusal_or_limit_is_fed_back_once_and_gives_up_at_the_second_in_a_row(QueueReason reason, EscalationReason expected)
    {
        using var scenario = Scenario.WithRuns(Runs.Ended(1, reason) with { Stderr = "one" }, Runs.Ended(1, reason) with { Stderr = "two" });
        var told = await scenario.RunAsync();

        Assert.Equal(2, told.Execution.Iterations);
        Assert.Equal(expected, told.Execution.EscalationReason);
        Assert.Equal(expected, told.Escalation!.Reason);
        Assert.Equal("not_sent", told.Escalation.State);
        Assert.False(told.Execution.Escalated);
        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
    }

    [Theory]
    [MemberData(nameof(LimitsThenGood))]
    public async Task Endless_loop_memory_bomb_and_flood_are_fixed_at_the_second_try(RunResult limit, string fedBack)
    {
        using var scenario = Scenario.WithRuns(limit, Runs.Passed("test_it"));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Contains(fedBack, scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
    }

    public static TheoryData<RunResult, string> LimitsThenGood() => new()
    {
        { Runs.Timeout("tick"), "time limit of 4000 ms" },
        { Runs.MemoryLimit(), "memory limit of 268435456 bytes" },
        { Runs.OutputLimit(), "output limit of 65536 bytes" },
        { Runs.OutsideSubset(), "import socket" },
    };

    [Fact]
    public async Task Reply_without_code_is_asked_again_and_costs_no_iteration()
    {
        using var scenario = Scenario.WithCode("I would rather talk about it.", "", ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(1, told.Execution.Iterations);
        Assert.Contains("no code block", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
        Assert.Contains("was empty", scenario.Client.Calls[4].UserText, StringComparison.Ordinal);
        Assert.Equal(2, told.Execution.History.Count(h => h.Note is { } n && n.StartsWith("no_code", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Third_reply_in_a_row_without_code_is_the_models_limit()
    {
        using var scenario = Scenario.WithCode("I cannot do that.", "I cannot do that.", "I cannot do that.");
        var told = await scenario.RunAsync();

        Assert.Equal(EscalationReason.ModelLimit, told.Execution.EscalationReason);
        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
        Assert.Equal(0, told.Execution.Iterations);
        Assert.Contains("3 answers in a row", told.Execution.OutcomeMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_plan_three_times_is_the_models_limit()
    {
        using var scenario = new Scenario("", " ", "\n");
        Assert.Equal(EscalationReason.ModelLimit, (await scenario.RunAsync()).Execution.EscalationReason);
    }

    [Fact]
    public async Task Reply_cut_at_the_token_limit_is_asked_again_and_never_run()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.CutByLength(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.DoesNotContain(scenario.Executor.Requests, r => r.Files[0].Text.Contains("return a\n", StringComparison.Ordinal));
        Assert.Contains("cut off", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withheld_reply_is_asked_again()
    {
        using var scenario = Scenario.WithCode(new ScriptedReply { Finish = Microsoft.Extensions.AI.ChatFinishReason.ContentFilter }, ScriptedReply.Fenced(Scenario.Good));
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.RunAsync()).Execution.Outcome);
        Assert.Contains("content filter", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_inside_thinking_is_never_run()
    {
        using var scenario = Scenario.WithCode(new ScriptedReply { Text = $"<think>\n```python\n{Scenario.Bad}\n```\n</think>\n```python\n{Scenario.Good}\n```", Reasoning = "```python\nraise SystemExit\n```" });
        var told = await scenario.RunAsync();

        Assert.Equal(1, told.Execution.Iterations);
        Assert.Equal(Scenario.Good + "\n", told.Execution.GeneratedCode);
    }

    [Theory]
    [InlineData("```PYTHON\n{0}\n```")]
    [InlineData("~~~python\r\n{0}\r\n~~~")]
    [InlineData("```python\n{0}")]
    [InlineData("```\n{0}\n```")]
    [InlineData("```bash\nls\n```\n```py\n{0}\n```\n```text\nok\n```")]
    [InlineData("{0}")]
    public async Task Malformed_fences_still_give_the_right_code(string shape)
    {
        using var scenario = Scenario.WithCode(shape.Replace("{0}", Scenario.Good, StringComparison.Ordinal));
        Assert.Equal(Scenario.Good + "\n", (await scenario.RunAsync()).Execution.GeneratedCode);
    }

    [Fact]
    public async Task Same_failure_again_gets_a_fresh_hotter_sample_and_no_progress_at_the_third_time()
    {
        using var scenario = Scenario.WithRuns(Runs.Failed(), Runs.Failed(), Runs.Failed());
        scenario.Task = scenario.Task with { MaxIterations = 5, TestFiles = [new SnippetFile("t.py", "assert merge({}, {}) == {}")] };
        using var client = new ScriptedChatClient(Scenario.Plan, ScriptedReply.Fenced("def merge():\n    return 1"), ScriptedReply.Fenced("def merge():\n    return 2"), ScriptedReply.Fenced("def merge():\n    return 3"));
        var told = await Told.OfAsync(scenario.Agent.RunAsync(scenario.Task, scenario.Model with { Client = client }, TestContext.Current.CancellationToken));

        Assert.Equal(EscalationReason.NoProgress, told.Execution.EscalationReason);
        Assert.Equal(3, told.Execution.Iterations);
        Assert.Contains("it failed the same way", client.Calls[3].UserText, StringComparison.Ordinal);
        Assert.True(client.Calls[3].Options!.Temperature > client.Calls[2].Options!.Temperature);
        Assert.NotEqual(client.Calls[2].Options!.Seed, client.Calls[3].Options!.Seed);
    }

    [Fact]
    public async Task Same_code_again_is_not_run_again()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Bad));
        scenario.Task = scenario.Task with { TestFiles = [new SnippetFile("t.py", "assert merge({}, {}) == {}")] };
        using var client = new ScriptedChatClient(Scenario.Plan, ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Bad));
        var told = await Told.OfAsync(scenario.Agent.RunAsync(scenario.Task, scenario.Model with { Client = client }, TestContext.Current.CancellationToken));

        Assert.Single(scenario.Executor.Requests);
        Assert.Equal(EscalationReason.NoProgress, told.Execution.EscalationReason);
    }

    [Fact]
    public async Task All_iterations_used_names_what_still_fails()
    {
        using var scenario = Scenario.WithRuns(Runs.Failed(actual: "1"), Runs.Failed(actual: "2"), Runs.Failed(actual: "3"));
        var told = await scenario.RunAsync();

        Assert.Equal(EscalationReason.MaxIterationsExhausted, told.Execution.EscalationReason);
        Assert.Contains("Still failing: test_it", told.Execution.OutcomeMessage, StringComparison.Ordinal);
        Assert.Equal(3, told.Execution.Iterations);
    }

    [Theory]
    [InlineData("sandbox_unavailable", "apt-get install bubblewrap")]
    [InlineData("policy_denied", "rule no-javascript")]
    public async Task Missing_sandbox_or_forbidden_run_stops_at_once_and_burns_no_iteration(string code, string says)
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = new ScriptedExecutor(_ => code == "policy_denied" ? Runs.PolicyDenied() : Runs.SandboxUnavailable());
        var told = await scenario.RunAsync();

        Assert.Equal(code, told.Error!.Code);
        Assert.Contains(says, told.Error.Message, StringComparison.Ordinal);
        Assert.NotNull(told.Error.Hint);
        Assert.Equal(0, told.Execution.Iterations);
        Assert.Single(scenario.Executor.Requests);
        Assert.Null(told.Escalation);
        Assert.NotNull(told.Execution.RunResult!.QueueReason);
    }

    [Fact]
    public async Task Executor_that_throws_is_an_outcome()
    {
        using var scenario = Scenario.WithCode();
        scenario.Executor = new ScriptedExecutor((RunRequest _) => throw new InvalidOperationException("pipe broke"));
        Assert.Equal("executor_failed", (await scenario.RunAsync()).Error!.Code);
    }
}

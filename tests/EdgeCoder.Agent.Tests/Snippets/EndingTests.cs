using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>L3 and L5: no end is silent, and each says what to do.</summary>
public sealed class EndingTests
{
    [Fact]
    public async Task Model_server_gone_in_mid_stream_ends_at_once_and_runs_nothing_of_the_half_reply()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.GoneInMidStream($"```python\n{Scenario.Bad}\n```"));
        var told = await scenario.RunAsync();

        Assert.Equal("model_unavailable", told.Error!.Code);
        Assert.Contains("Connection reset", told.Error.Message, StringComparison.Ordinal);
        Assert.NotNull(told.Error.Hint);
        Assert.Equal(EscalationReason.ModelUnavailable, told.Execution.EscalationReason);
        Assert.Equal("not_sent", told.Escalation!.State);
        Assert.Equal(0, told.Execution.Iterations);
        Assert.Single(scenario.Executor.Requests);
    }

    [Fact]
    public async Task Tokenizer_that_is_gone_is_an_outcome_too()
    {
        using var scenario = Scenario.WithCode(Scenario.Good);
        scenario.CountingFault = new HttpRequestException("the worker is gone");
        var told = await scenario.RunAsync();
        Assert.Equal(("model_unavailable", SessionOutcome.Failed), (told.Error!.Code, told.Execution.Outcome));
        Assert.Contains("the worker is gone", told.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_that_is_not_there_from_the_start_is_an_outcome()
    {
        using var scenario = new Scenario(new ScriptedReply { Fault = new HttpRequestException("refused") });
        var told = await scenario.RunAsync();
        Assert.Equal("model_unavailable", told.Error!.Code);
        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
        Assert.Empty(scenario.Executor.Requests);
    }

    [Fact]
    public async Task Time_out_inside_the_provider_is_the_models_fault_and_not_a_cancellation()
    {
        using var scenario = new Scenario(new ScriptedReply { Fault = new TaskCanceledException("HttpClient.Timeout") });
        Assert.Equal("model_unavailable", (await scenario.RunAsync()).Error!.Code);
    }

    [Fact]
    public async Task Failure_that_the_program_can_explain_keeps_its_code_and_hint()
    {
        using var scenario = new Scenario(new ScriptedReply { Fault = new InvalidOperationException("x") })
        {
            ExplainFailure = _ => new ModelFailure("no_model_available", "There is no model.", "edgecoder models pull"),
        };
        var told = await scenario.RunAsync();
        Assert.Equal("no_model_available", told.Error!.Code);
        Assert.Equal("edgecoder models pull", told.Error.Hint);
    }

    [Fact]
    public async Task Window_that_the_provider_reports_as_exceeded_is_the_models_limit()
    {
        using var scenario = new Scenario(new ScriptedReply { Fault = new InvalidOperationException("x") })
        {
            ExplainFailure = _ => new ModelFailure(ModelFailure.ContextLength, "too long"),
        };
        Assert.Equal(EscalationReason.ModelLimit, (await scenario.RunAsync()).Execution.EscalationReason);
    }

    [Fact]
    public async Task Prompt_that_does_not_fit_is_refused_unsent_and_names_the_largest_parts()
    {
        using var scenario = new Scenario();
        scenario.Task = scenario.Task with { Request = new string('x', 40_000) };
        var told = await scenario.RunAsync();

        Assert.Equal("context_length_exceeded", told.Error!.Code);
        Assert.Contains("Largest parts: request 10,0", told.Error.Message, StringComparison.Ordinal);
        Assert.Equal(EscalationReason.ModelLimit, told.Execution.EscalationReason);
        Assert.Empty(scenario.Client.Calls);
    }

    [Fact]
    public async Task Prompt_and_reserved_answer_never_exceed_the_window()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad + "\n# " + new string('y', 4_000)), ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = new ScriptedExecutor(r => r.Files[0].Text.Contains("yyy", StringComparison.Ordinal)
            ? Runs.Failed(expected: new string('e', 9_000), actual: new string('a', 9_000), stdout: new string('o', 60_000), stderr: new string('s', 60_000))
            : Scenario.Judge(r));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.All(scenario.Client.Calls, c => Assert.True((c.Text.Length / 4) + c.Options!.MaxOutputTokens <= scenario.Window));
        Assert.Contains("bytes dropped]", scenario.Client.Calls[3].UserText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Budget_of_model_calls_ends_as_an_outcome_with_what_is_left(int steps)
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { MaxSteps = steps };
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.BudgetExhausted, told.Execution.Outcome);
        Assert.Equal(EscalationReason.BudgetExhausted, told.Execution.EscalationReason);
        Assert.Equal(steps, scenario.Client.Calls.Count);
        Assert.Contains($"budget of {steps} model calls", told.Execution.OutcomeMessage, StringComparison.Ordinal);
        if (steps == 3)
        {
            Assert.Contains("Still failing: test_it", told.Execution.OutcomeMessage, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Last_call_of_the_budget_may_still_be_run()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { MaxSteps = 3 };
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.RunAsync()).Execution.Outcome);
    }

    [Fact]
    public async Task Budget_of_tokens_is_checked_before_a_run_too()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good) with { Usage = new() { InputTokenCount = 5_000, OutputTokenCount = 5_000 } });
        scenario.Task = scenario.Task with { MaxTokens = 9_000 };
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.BudgetExhausted, told.Execution.Outcome);
        Assert.Single(scenario.Executor.Requests);
    }

    [Fact]
    public async Task Budget_of_time_ends_a_call_that_is_under_way()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var scenario = new Scenario(ScriptedReply.Slow(new TaskCompletionSource().Task)) { Time = clock };
        scenario.Task = scenario.Task with { MaxTime = TimeSpan.FromSeconds(30) };
        var running = scenario.RunAsync();
        await scenario.Client.Asked;
        clock.Advance(TimeSpan.FromSeconds(31));
        var told = await running;

        Assert.Equal(SessionOutcome.BudgetExhausted, told.Execution.Outcome);
        Assert.Contains("30 seconds", told.Execution.OutcomeMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_of_the_budget_is_shown()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { MaxSteps = 5, MaxTokens = 100_000, MaxTime = TimeSpan.FromMinutes(5) };
        var told = await scenario.RunAsync();
        var left = told.Events.OfType<StatusEvent>().Select(e => e.BudgetLeft!).ToList();

        Assert.Equal(5, left[0].Steps);
        Assert.Equal(2, left[^1].Steps);
        Assert.True(left[^1].Tokens < left[0].Tokens);
        Assert.NotNull(left[0].Seconds);
    }

    [Theory]
    [InlineData("", "empty_request")]
    [InlineData("  \n", "empty_request")]
    public async Task Empty_request_is_refused_before_anything_is_asked(string request, string code)
    {
        using var scenario = new Scenario();
        scenario.Task = scenario.Task with { Request = request };
        var told = await scenario.RunAsync();
        Assert.Equal(code, told.Error!.Code);
        Assert.Empty(scenario.Client.Calls);
        Assert.Empty(scenario.Sessions.List());
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Invalid_task_is_refused_with_its_code(SnippetTask task, string code)
    {
        using var scenario = new Scenario { Task = task };
        Assert.Equal(code, (await scenario.RunAsync()).Error!.Code);
    }

    public static TheoryData<SnippetTask, string> Invalid()
    {
        var valid = new SnippetTask { Request = "x", Language = SnippetLanguage.Python };
        return new()
        {
            { valid with { Request = new string('x', 1 << 20) }, "request_too_large" },
            { valid with { Language = (SnippetLanguage)9 }, "unknown_language" },
            { valid with { MaxIterations = 0 }, "invalid_budget" },
            { valid with { MaxSteps = 0 }, "invalid_budget" },
            { valid with { MaxTokens = 0 }, "invalid_budget" },
            { valid with { MaxTime = TimeSpan.Zero }, "invalid_budget" },
            { valid with { DataClass = "cloud" }, "unknown_data_class" },
            { valid with { TestFiles = [new SnippetFile("t.py", " ")] }, "empty_tests" },
        };
    }

    [Fact]
    public async Task Local_work_is_not_shown_to_a_model_elsewhere()
    {
        using var scenario = new Scenario(Scenario.Plan) { OnThisMachine = false };
        Assert.Equal("data_class_denied", (await scenario.RunAsync()).Error!.Code);
        Assert.Empty(scenario.Client.Calls);
    }

    [Fact]
    public async Task What_a_model_elsewhere_has_seen_is_told_as_egress()
    {
        using var here = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        Assert.Empty((await here.RunAsync()).Execution.Egress);

        using var elsewhere = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        elsewhere.OnThisMachine = false;
        elsewhere.Task = elsewhere.Task with { DataClass = "team" };
        Assert.Contains("to scripted (openai-compatible)", Assert.Single((await elsewhere.RunAsync()).Execution.Egress), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Local_work_says_why_it_was_not_handed_on()
    {
        using var scenario = Scenario.WithRuns(Runs.Timeout(), Runs.Timeout("x"));
        Assert.Contains("its class is local", (await scenario.RunAsync()).Escalation!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sessions_with_different_models_do_not_influence_each_other()
    {
        using var one = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        using var other = Scenario.WithCode(ScriptedReply.GoneInMidStream("```python\nx"));
        var agent = one.Agent;
        var both = await Task.WhenAll(
            Told.OfAsync(agent.RunAsync(one.Task, one.Model, TestContext.Current.CancellationToken)),
            Told.OfAsync(agent.RunAsync(other.Task, other.Model with { Identity = other.Model.Identity with { Id = "other" } }, TestContext.Current.CancellationToken)));

        Assert.Equal(SessionOutcome.Succeeded, both[0].Execution.Outcome);
        Assert.Equal("scripted", both[0].Execution.Model!.Id);
        Assert.Equal("model_unavailable", both[1].Error!.Code);
        Assert.Equal("other", both[1].Execution.Model!.Id);
        Assert.Equal(2, one.Sessions.List().Count);
    }

    [Fact]
    public async Task Result_carries_the_code_and_never_the_programs_output()
    {
        using var scenario = Scenario.WithRuns(Runs.Passed("test_it") with { Stdout = "42" });
        var execution = (await scenario.RunAsync()).Execution;
        Assert.StartsWith("def merge", execution.GeneratedCode, StringComparison.Ordinal);
        Assert.Equal("42", execution.RunResult!.Stdout);
        Assert.All(execution.History, h => Assert.NotEmpty(h.PromptHash));
        Assert.NotNull(execution.RanOn.SandboxDigest);
        Assert.StartsWith("sha256:", execution.Model!.Digest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_the_task_reach_every_run()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { Limits = new RequestedLimits { Time = TimeSpan.FromSeconds(2), MemoryBytes = 64 << 20 } };
        await scenario.RunAsync();
        Assert.All(scenario.Executor.Requests, r => Assert.Equal(scenario.Task.Limits, r.Limits));
        Assert.Contains("2 s and 64 MiB", scenario.Client.Calls[2].Text, StringComparison.Ordinal);
    }
}

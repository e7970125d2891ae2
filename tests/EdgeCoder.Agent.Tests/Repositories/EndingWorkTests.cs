using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>L1, L3, L5, L6: how a request ends, and that it says why.</summary>
[Collection(GitCollection.Name)]
public sealed class EndingWorkTests(GitFixture fixture)
{
    private const string Done = "All is done and tested.";

    [Fact]
    public async Task Tokenizer_that_is_gone_is_an_outcome_and_the_session_goes_on_when_it_is_back()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, Done);
        scenario.CountingFault = new HttpRequestException("the worker is gone");
        var told = await scenario.RunAsync();
        Assert.Equal(("model_unavailable", SessionOutcome.Failed), (told.Error!.Code, told.Done.Outcome));

        scenario.CountingFault = null;
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.ResumeAsync(told.SessionId)).Done.Outcome);
    }

    [Fact]
    public async Task Claim_without_passing_tests_is_fed_back_with_the_values_and_then_mended()
    {
        using var scenario = RepositoryScenario.With(
            fixture, RepositoryScenario.Plan, ScriptedReply.Edit("dates.py", "    return x + 1", "    return x + 2"), Done, ScriptedReply.Edit("dates.py", "    return x + 2", "    return x * 2"), Done);
        scenario.Judge = read =>
        [
            FakeTests.Case("test_double", read("dates.py").Contains("x * 2", StringComparison.Ordinal), "8", read("dates.py").Contains("x + 2", StringComparison.Ordinal) ? "6" : "5"),
            FakeTests.Case("test_other", !read("dates.py").Contains("x + 2", StringComparison.Ordinal)),
        ];
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Done.Outcome);
        var feedback = scenario.Client.Calls[3].Text;
        Assert.Contains("Passed before the change and fail now: test_other", feedback);
        Assert.Contains("expected 8 actual 6", feedback);
    }

    [Fact]
    public async Task Tests_that_still_fail_as_before_are_no_success()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.Edit("dates.py", "    return x + 1", "    return x + 1  # twice"), Done, Done);
        var told = await scenario.RunAsync();
        Assert.Equal((SessionOutcome.Unverified, Verification.Unverified), (told.Done.Outcome, told.Done.Verification));
        Assert.Contains("Failed before and still fail: test_double", told.Execution.OutcomeMessage);
        Assert.Contains("add a test that proves your change", scenario.Client.Calls[^1].Text);
    }

    [Fact]
    public async Task Named_test_that_still_fails_is_fed_back()
    {
        using var scenario = RepositoryScenario.With(
            fixture, RepositoryScenario.Plan, ScriptedReply.Edit("dates.py", "    return x + 1", "    return x + 1  # twice"), Done, ScriptedReply.Edit("dates.py", "    return x + 1  # twice", "    return x * 2"), Done);
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.RunAsync("make test_double pass")).Done.Outcome);
    }

    [Fact]
    public async Task No_tests_at_all_is_unverified()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, Done);
        scenario.Judge = _ => [];
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
        Assert.Contains("No test was found", told.Execution.OutcomeMessage);
    }

    [Fact]
    public async Task Refused_tests_are_unverified_and_say_so()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, Done);
        scenario.Approver = new(EdgeCoder.Agent.Approvals.ApprovalAnswer.Denied);
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
        Assert.Contains("The person said no", told.Execution.OutcomeMessage);
        Assert.Equal(0, scenario.TestRuns);
    }

    [Fact]
    public async Task Nothing_changed_is_unverified()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, "It is a function that adds one.");
        var told = await scenario.RunAsync("what does double do?");
        Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
        Assert.Contains("It is a function that adds one.", told.Text);
        Assert.Equal(0, scenario.TestRuns);
    }

    [Fact]
    public async Task Protected_file_is_not_written_and_the_model_is_told()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.Edit("dates.py", "    return x + 1", "    return 4"), "I give up.");
        scenario.Task = scenario.Task with { Protected = ["dates.py"] };
        var told = await scenario.RunAsync();
        Assert.Contains("dates.py is protected", scenario.Client.Calls[2].Text);
        Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
        Assert.Null(told.Execution.Patch);
    }

    [Fact]
    public async Task Protected_file_that_a_command_changed_is_no_success_though_the_tests_pass()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, ScriptedReply.TextCall("change_file", """{"path": "a.txt"}"""), Done, Done, Done);
        scenario.Task = scenario.Task with { Protected = ["a.txt"], Mode = EdgeCoder.Agent.Approvals.ApprovalMode.Full };
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt")));
        var told = await scenario.RunAsync();
        Assert.Equal((SessionOutcome.Failed, EscalationReason.NoProgress), (told.Done.Outcome, told.Execution.EscalationReason));
        Assert.Contains("a.txt", told.Execution.OutcomeMessage);
    }

    [Fact]
    public async Task Steps_that_are_used_up_end_with_what_is_left()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend);
        scenario.Task = scenario.Task with { MaxSteps = 2 };
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.BudgetExhausted, told.Done.Outcome);
        Assert.Contains("2 model calls", told.Execution.OutcomeMessage);
        Assert.Contains("not tested", told.Execution.OutcomeMessage);
        Assert.NotNull(told.Execution.Patch);
        Assert.Contains(told.Events, e => e is EscalationEvent { State: "not_sent" });
    }

    [Fact]
    public async Task Same_call_with_the_same_result_is_told_and_ends_the_third_time()
    {
        using var scenario = RepositoryScenario.With(
            fixture, [RepositoryScenario.Plan, .. Enumerable.Repeat(ScriptedReply.TextCall("read_file", """{"path": "dates.py"}"""), 3)]);
        var told = await scenario.RunAsync();
        Assert.Equal(EscalationReason.NoProgress, told.Execution.EscalationReason);
        Assert.Contains("tried before", scenario.Client.Calls[3].Text);
        Assert.True(scenario.Client.Calls[3].Options!.Temperature > scenario.Client.Calls[1].Options!.Temperature);
    }

    [Fact]
    public async Task Same_test_failure_three_times_ends()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.Edit("dates.py", "def double(x):", "def twice(x):"), Done, Done, Done);
        var told = await scenario.RunAsync();
        Assert.Equal(EscalationReason.NoProgress, told.Execution.EscalationReason);
        Assert.Contains("test_other", told.Execution.OutcomeMessage);
    }

    [Fact]
    public async Task Model_that_answers_nothing_is_given_up()
    {
        using var scenario = RepositoryScenario.With(fixture, "", "", "", "<think>hm</think>", " ");
        var told = await scenario.RunAsync();
        Assert.Equal((SessionOutcome.Failed, EscalationReason.ModelLimit), (told.Done.Outcome, told.Execution.EscalationReason));
        Assert.Contains("empty", told.Execution.OutcomeMessage);
    }

    [Fact]
    public async Task Reply_that_the_token_limit_cut_is_never_done()
    {
        using var scenario = RepositoryScenario.With(
            fixture, RepositoryScenario.Plan, new ScriptedReply { Text = "dates.py\n<<<<<<< SEARCH\n    return x + 1\n=======\n    return 0\n>>>>>>> REPLACE\n", Finish = Microsoft.Extensions.AI.ChatFinishReason.Length }, RepositoryScenario.Mend, Done);
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.Succeeded, told.Done.Outcome);
        Assert.Single(told.Events.OfType<ToolCallEvent>(), c => c.Tool == "edit_file");
        Assert.Contains("cut off", scenario.Client.Calls[2].Text);
    }

    [Fact]
    public async Task Model_that_dies_in_mid_stream_leaves_a_session_that_goes_on()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, ScriptedReply.GoneInCall("write_file"), Done);
        var told = await scenario.RunAsync();
        Assert.Equal(("model_unavailable", EscalationReason.ModelUnavailable), (told.Error!.Code, told.Execution.EscalationReason));
        Assert.DoesNotContain("tool_call", told.Text);
        var resumed = await scenario.ResumeAsync(told.SessionId);
        Assert.Equal(SessionOutcome.Succeeded, resumed.Done.Outcome);
        Assert.Equal(0, scenario.Client.Left);
    }

    [Fact]
    public async Task Small_window_is_refused_before_anything_is_made()
    {
        using var scenario = RepositoryScenario.With(fixture);
        scenario.Window = 4_096;
        var fault = await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(scenario.BeginAsync);
        Assert.Equal("window_too_small", fault.Code);
        Assert.Contains("8,192", fault.Message);
        Assert.Empty(scenario.Sessions.List());
    }

    [Fact]
    public async Task Root_that_nobody_trusts_is_refused()
    {
        using var scenario = RepositoryScenario.With(fixture);
        new EdgeCoder.Agent.Trust.TrustStore(scenario.Project.Data, TimeProvider.System).Forget(scenario.Project.Root);
        Assert.Equal("root_not_trusted", (await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(scenario.BeginAsync)).Code);
    }

    [Fact]
    public async Task Prompt_that_does_not_fit_names_its_largest_parts()
    {
        using var scenario = RepositoryScenario.With(fixture);
        scenario.Window = 8_192;
        var told = await scenario.RunAsync(string.Concat(Enumerable.Repeat("make it better ", 3_000)));
        Assert.Equal(EscalationReason.ModelLimit, told.Execution.EscalationReason);
        Assert.Contains("Largest parts: request", told.Error!.Message);
        Assert.Empty(scenario.Client.Calls);
    }
}

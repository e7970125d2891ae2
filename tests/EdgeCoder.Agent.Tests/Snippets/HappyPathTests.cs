using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Snippets;

public sealed class HappyPathTests
{
    [Fact]
    public async Task Good_answer_succeeds_at_the_first_try_as_self_tested()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Verification.SelfTested, told.Execution.Verification);
        Assert.Equal("model", told.Execution.TestsBy);
        Assert.Equal(1, told.Execution.Iterations);
        Assert.Equal(Scenario.Good + "\n", told.Execution.GeneratedCode);
        Assert.All(told.Execution.Plan, s => Assert.Equal(PlanStepStatus.Completed, s.Status));
        Assert.Equal(0, scenario.Client.Left);
    }

    [Fact]
    public async Task Events_are_numbered_from_1_without_gaps_and_end_with_done()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(Enumerable.Range(1, told.Events.Count).Select(i => (long)i), told.Events.Select(e => e.Seq));
        Assert.All(told.Events, e => Assert.Equal(told.Execution.SessionId, e.SessionId));
        Assert.Single(told.Events.OfType<DoneEvent>());
        Assert.IsType<DoneEvent>(told.Events[^1]);
    }

    [Fact]
    public async Task Wrong_first_answer_is_fixed_at_the_second_try()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(2, told.Execution.Iterations);
        Assert.Equal(["plan", "tests", "code", "reflect"], told.Execution.History.Select(h => h.Phase));
    }

    [Fact]
    public async Task Own_tests_of_the_person_are_used_unchanged_and_nobody_else_writes_any()
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Scenario.Good));
        var own = new SnippetFile("check_merge.py", "assert merge({}, {}) == {}\n");
        scenario.Task = scenario.Task with { TestFiles = [own] };
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Verification.ProjectTested, told.Execution.Verification);
        Assert.Equal("acceptance", told.Execution.TestsBy);
        Assert.Equal([own], Assert.Single(scenario.Executor.Requests).Tests);
    }

    [Fact]
    public async Task Tests_are_asked_for_before_the_code_and_do_not_see_it()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        await scenario.RunAsync();

        Assert.DoesNotContain("return a", scenario.Client.Calls[1].Text, StringComparison.Ordinal);
        Assert.Contains("tests", scenario.Client.Calls[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_turn_names_prompt_version_hash_and_seed()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.All(told.Execution.History, turn =>
        {
            Assert.StartsWith(turn.Phase + "/", turn.PromptVersion, StringComparison.Ordinal);
            Assert.Equal(64, turn.PromptHash.Length);
            Assert.NotNull(turn.Seed);
        });
        Assert.Equal(3, told.Execution.History.Select(h => h.Seed).Distinct().Count());
    }

    [Fact]
    public async Task Usage_counts_calls_runs_and_tokens()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good) with { Usage = new() { InputTokenCount = 100, OutputTokenCount = 20 } });
        var usage = (await scenario.RunAsync()).Execution.Usage;

        Assert.Equal(3, usage.ModelCalls);
        Assert.Equal(2, usage.ToolCalls);
        Assert.True(usage.PromptTokens > 100);
        Assert.True(usage.CompletionTokens > 20);
        Assert.InRange(usage.OwnMs, 0, usage.WallMs);
    }

    [Fact]
    public async Task Record_says_where_it_ran_and_that_nothing_left()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var execution = (await scenario.RunAsync()).Execution;

        Assert.Equal("this-machine", execution.RanOn.Kind);
        Assert.Equal(Runs.Passed("x").Sandbox!.Digest, execution.RanOn.SandboxDigest);
        Assert.Equal("local", execution.DataClass);
        Assert.Empty(execution.Egress);
        Assert.Equal("scripted", execution.Model!.Id);
    }
}

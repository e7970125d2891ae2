using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>L6: vacuous tests and changed tests.</summary>
public sealed class TestsFirstTests
{
    private const string Vacuous = "def test_it():\n    try:\n        merge({}, {})\n    except Exception:\n        pass";

    [Fact]
    public async Task Vacuous_tests_are_refused_with_the_reason_and_asked_for_again()
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = StubPassesFor("except Exception");
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Scenario.Tests + "\n", told.Execution.Tests);
        Assert.Contains("prove nothing", scenario.Client.Calls[2].UserText, StringComparison.Ordinal);
        Assert.Contains(told.Execution.History, h => h.Note?.Contains("tests refused", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Model_that_only_writes_vacuous_tests_ends_unverified_and_the_person_is_told_why()
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = StubPassesFor("except Exception");
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Unverified, told.Execution.Outcome);
        Assert.Equal(Verification.Unverified, told.Execution.Verification);
        Assert.Contains("nothing proves", told.Execution.OutcomeMessage, StringComparison.Ordinal);
        Assert.Null(told.Execution.Tests);
    }

    [Fact]
    public async Task Stub_has_the_names_that_the_tests_call()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        await scenario.RunAsync();
        Assert.Contains("merge", scenario.Executor.Requests[0].Files[0].Text, StringComparison.Ordinal);
        Assert.True(ScriptedExecutor.IsStubRun(scenario.Executor.Requests[0]));
    }

    [Fact]
    public async Task Writer_of_the_code_learns_the_names_of_tests_and_what_they_call()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        await scenario.RunAsync();
        Assert.Contains("test_it", scenario.Client.Calls[2].UserText, StringComparison.Ordinal);
        Assert.Contains("must define: merge", scenario.Client.Calls[2].UserText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_file_that_the_model_wants_to_replace_is_not_touched()
    {
        var own = new SnippetFile("check.py", "assert merge({'a': 1}, {}) == {'a': 1}\n");
        using var scenario = new Scenario(
            Scenario.Plan,
            $"**solution.py**\n```python\n{Scenario.Bad}\n```\n**check.py**\n```python\nok = True\n```",
            ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { TestFiles = [own] };
        var told = await scenario.RunAsync();

        Assert.Contains("check.py holds the tests and may not be changed", scenario.Client.Calls[2].UserText, StringComparison.Ordinal);
        Assert.All(scenario.Executor.Requests, r => Assert.Equal([own], r.Tests));
        Assert.All(scenario.Executor.Requests, r => Assert.DoesNotContain(r.Files, f => f.Name == "check.py"));
        Assert.Equal(own.Text, told.Execution.Tests);
    }

    [Fact]
    public async Task Disputed_model_test_is_revised_once_with_the_reason_and_judges_the_last_code()
    {
        const string revised = "def test_fixed():\n    assert merge({'b': 2}, {}) == {'b': 2}";
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced("def merge(a, b):\n    return 1"), ScriptedReply.Fenced("def merge(a, b):\n    return 2"), ScriptedReply.Fenced(revised));
        scenario.Executor = new ScriptedExecutor(r => ScriptedExecutor.IsStubRun(r) || !r.Tests[0].Text.Contains("test_fixed", StringComparison.Ordinal) ? Runs.Failed() : Runs.Passed("test_fixed"));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(Verification.SelfTested, told.Execution.Verification);
        Assert.Equal(2, told.Execution.Iterations);
        Assert.Contains(told.Execution.History, h => h.Note?.Contains("tests revised once", StringComparison.Ordinal) == true);
        Assert.DoesNotContain("return 2", scenario.Client.Calls[4].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disputed_test_of_the_person_is_never_revised()
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced("def merge(a):\n    return 1"), ScriptedReply.Fenced("def merge(a):\n    return 2"), ScriptedReply.Fenced("def merge(a):\n    return 3"));
        scenario.Executor = new ScriptedExecutor(_ => Runs.Failed());
        scenario.Task = scenario.Task with { TestFiles = [new SnippetFile("t.py", "assert merge(1) == 2")] };
        var told = await scenario.RunAsync();

        Assert.Equal(EscalationReason.NoProgress, told.Execution.EscalationReason);
        Assert.DoesNotContain(told.Execution.History, h => h.Phase == "tests");
    }

    [Fact]
    public async Task Exit_code_0_without_tests_is_unverified_and_never_succeeded()
    {
        using var scenario = new Scenario(Scenario.Plan, ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Vacuous), ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = StubPassesFor("except Exception");
        Assert.NotEqual(SessionOutcome.Succeeded, (await scenario.RunAsync()).Execution.Outcome);
    }

    private static ScriptedExecutor StubPassesFor(string mark) => new(r =>
        ScriptedExecutor.IsStubRun(r) && r.Tests[0].Text.Contains(mark, StringComparison.Ordinal) ? Runs.Passed("test_it") : Scenario.Judge(r));
}

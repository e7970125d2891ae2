using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>R11, section 2.7: a long session in a small window.</summary>
[Collection(GitCollection.Name)]
public sealed class WindowTests(GitFixture fixture)
{
    private const int Window = 8_192;

    [Fact]
    public async Task Long_session_never_exceeds_the_window_and_keeps_request_rules_plan_and_failures()
    {
        using var scenario = Scenario([.. Enumerable.Range(1, 12).Select(i => ScriptedReply.TextCall("read_file", $$"""{"path": "long{{i}}.txt"}""")), ScriptedReply.Edit("dates.py", "def double(x):", "def doubly(x):"), "Done.", ScriptedReply.TextCall("read_file", """{"path": "long1.txt", "limit": 3}"""), ScriptedReply.Edit("dates.py", "def doubly(x):\n    return x + 1", "def double(x):\n    return x * 2"), "Done."]);
        var told = await scenario.RunAsync("make double(x) return twice x, please: UNIQUE-REQUEST");

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, told.Execution.OutcomeMessage);
        Assert.All(scenario.Client.Calls, c => Assert.True((c.Text.Length / 4) + c.Options!.MaxOutputTokens <= Window));
        Assert.All(scenario.Client.Calls, c => Assert.Contains("UNIQUE-REQUEST", c.Text));
        Assert.All(scenario.Client.Calls, c => Assert.Contains("Keep functions small.", c.Text));
        Assert.All(scenario.Client.Calls.Skip(1), c => Assert.Contains("1. Read dates.py.", c.Text));
        Assert.Contains(told.Events, e => e is StatusEvent { Message: "Older output was left out to save room" });
        Assert.Contains("read_output, handle r1", scenario.Client.Calls[^1].Text);
        Assert.Contains("Open test failures:\ntest_double: Failed", scenario.Client.Calls[^1].Text);
        Assert.Contains("modified\tdates.py", scenario.Client.Calls[^1].Text);
    }

    [Fact]
    public async Task Compaction_that_is_off_stays_off_and_the_end_names_the_largest_parts()
    {
        using var scenario = Scenario([.. Enumerable.Range(1, 12).Select(i => ScriptedReply.TextCall("read_file", $$"""{"path": "long{{i}}.txt"}"""))]);
        scenario.Task = scenario.Task with { Compaction = false };
        var told = await scenario.RunAsync();
        Assert.Equal((SessionOutcome.Failed, EscalationReason.ModelLimit), (told.Done.Outcome, told.Execution.EscalationReason));
        Assert.Contains("Largest parts: ", told.Error!.Message);
        Assert.DoesNotContain("left out to save room", scenario.Client.Calls[^1].Text);
        Assert.DoesNotContain(told.Events, e => e is StatusEvent { Message: "Older output was left out to save room" });
    }

    [Fact]
    public async Task Rules_of_nested_directories_are_told_once_they_are_touched_the_nearest_last()
    {
        using var scenario = Scenario([ScriptedReply.TextCall("read_file", """{"path": "src/core/a.py"}"""), "Nothing to do."]);
        scenario.Project.Write("src/core/a.py", "x = 1\n");
        scenario.Project.Write("src/AGENTS.md", "RULE-SRC");
        scenario.Project.Write("src/core/AGENTS.md", "RULE-CORE");
        scenario.Project.Write("other/AGENTS.md", "RULE-OTHER");
        await scenario.RunAsync();
        Assert.DoesNotContain("RULE-SRC", scenario.Client.Calls[1].Text);
        var text = scenario.Client.Calls[2].Text;
        Assert.True(text.IndexOf("Keep functions", StringComparison.Ordinal) < text.IndexOf("RULE-SRC", StringComparison.Ordinal));
        Assert.True(text.IndexOf("RULE-SRC", StringComparison.Ordinal) < text.IndexOf("RULE-CORE", StringComparison.Ordinal));
        Assert.DoesNotContain("RULE-OTHER", text);
    }

    private RepositoryScenario Scenario(IEnumerable<ScriptedReply> replies)
    {
        var scenario = RepositoryScenario.With(fixture, [RepositoryScenario.Plan, .. replies]);
        scenario.Window = Window;
        for (var i = 1; i <= 12; i++)
        {
            scenario.Project.Write($"long{i}.txt", string.Concat(Enumerable.Range(1, 400).Select(n => $"file {i}, line {n} of it\n")));
        }

        return scenario;
    }
}

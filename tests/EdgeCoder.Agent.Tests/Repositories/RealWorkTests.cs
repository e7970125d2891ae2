using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>One request with nothing faked but the model: real git, real file tools, real tests in the real sandbox.</summary>
[Collection(GitCollection.Name)]
public sealed class RealWorkTests(GitFixture fixture)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Python_project_is_mended_and_its_own_tests_prove_it()
    {
        using var scenario = await RepositoryScenario.WithGitAsync(
            fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("read_file", """{"path": "dates.py"}"""), RepositoryScenario.Mend, "Done.");
        scenario.Project.Write("tests/__init__.py", "");
        scenario.Project.Write("tests/test_dates.py", "import unittest\nfrom dates import double\n\n\nclass Double(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(double(4), 8)\n\n    def test_one(self):\n        self.assertEqual(double(1), 2)\n");
        await scenario.Project.CommitAsync("tests");
        var agent = new RepositoryAgent(scenario.Parts);
        await using var session = await agent.BeginAsync(scenario.Task with { Root = scenario.Project.Root }, scenario.Model, scenario.Approver, Stop);
        var told = await ToldWork.OfAsync(session.Id, session.PromptAsync("make double(x) return twice x", Stop));

        Assert.True(told.Done.Outcome == SessionOutcome.Succeeded, told.Execution.OutcomeMessage);
        Assert.Equal((2, 2), (told.Execution.TestReport!.Passed, told.Execution.TestReport.Total));
        Assert.Equal(["run_tests"], scenario.Approver.Requests.Select(r => r.Action.Tool).Distinct());
        Assert.Single(scenario.Approver.Requests);
        Assert.Equal(2, told.Events.OfType<TestReportEvent>().Count());
        Assert.Equal("dates.py", Assert.Single(told.Events.OfType<DiffEvent>(), d => d.Id == "review").File);
    }

    [Fact]
    public async Task Command_of_wider_work_does_not_see_files_that_are_labelled_narrower()
    {
        using var scenario = await RepositoryScenario.WithGitAsync(
            fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("run_command", """{"command": ["cat", "inner/key.txt", "a.txt"]}"""), "Nothing to do.");
        scenario.Project.Write("inner/key.txt", "for this machine only\n");
        scenario.Project.Write(".edgecoder/policy", """{"labels":[{"path":"inner/**","class":"local"}]}""");
        await scenario.Project.CommitAsync("labelled");
        scenario.OnThisMachine = false;
        await using var session = await new RepositoryAgent(scenario.Parts).BeginAsync(scenario.Task with { Root = scenario.Project.Root, DataClass = "team", Mode = ApprovalMode.Full }, scenario.Model, scenario.Approver, Stop);
        var told = await ToldWork.OfAsync(session.Id, session.PromptAsync("look at it", Stop));
        Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
        var seen = told.Events.OfType<ToolResultEvent>().First(r => r.Id.StartsWith('s')).Result;
        Assert.Contains("one", seen);
        Assert.DoesNotContain("for this machine only", seen);
    }
}

using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>Requests that end well, in each form of tool calls.</summary>
[Collection(GitCollection.Name)]
public sealed class HappyWorkTests(GitFixture fixture)
{
    [Fact]
    public async Task Text_calls_lead_to_a_tested_change_that_the_person_can_apply()
    {
        using var scenario = await RepositoryScenario.WithGitAsync(
            fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("read_file", """{"path": "dates.py"}"""), RepositoryScenario.Mend, "double now returns twice x; the tests pass.");
        await using var session = await scenario.BeginAsync();
        var told = await ToldWork.OfAsync(session.Id, session.PromptAsync("make double(x) return twice x", TestContext.Current.CancellationToken));

        Assert.Equal((SessionOutcome.Succeeded, Verification.ProjectTested), (told.Done.Outcome, told.Done.Verification));
        Assert.Contains("+    return x * 2", told.Execution.Patch);
        Assert.DoesNotContain("litter", told.Execution.Patch);
        Assert.Equal(RepositoryScenario.Buggy, scenario.Project.Read("dates.py"));
        Assert.Equal("dates.py", Assert.Single(told.Events.OfType<DiffEvent>(), d => d.Id == "review").File);
        Assert.Equal(2, scenario.TestRuns);

        Assert.True((await session.Review.ApplyAsync(TestContext.Current.CancellationToken)).Applied);
        Assert.Equal(RepositoryScenario.Fixed, scenario.Project.Read("dates.py"));
        Assert.True((await session.Review.UndoAsync(TestContext.Current.CancellationToken)).Applied);
        Assert.Equal(RepositoryScenario.Buggy, scenario.Project.Read("dates.py"));
    }
}

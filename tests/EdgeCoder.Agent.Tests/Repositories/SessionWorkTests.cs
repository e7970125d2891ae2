using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Clocks;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>Sessions of several prompts, their review, and what interrupts them.</summary>
[Collection(GitCollection.Name)]
public sealed class SessionWorkTests(GitFixture fixture)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_prompt_knows_the_first_also_after_the_session_was_opened_again()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("read_file", """{"path": "dates.py"}"""), RepositoryScenario.Mend, "FIRST-STATEMENT");
        string id;
        await using (var session = await scenario.BeginAsync())
        {
            id = session.Id;
            Assert.Equal(SessionOutcome.Succeeded, (await ToldWork.OfAsync(id, session.PromptAsync("FIRST-REQUEST", Stop))).Done.Outcome);
            Assert.False(session.HasOpenPrompt);
        }

        scenario.Client = new ScriptedChatClient("1. Answer.", "It is done already.", "1. Answer again.", "Still done.");
        await using (var session = await scenario.Agent.ResumeAsync(id, scenario.Model, scenario.Approver, Stop))
        {
            var runs = scenario.TestRuns;
            var told = await ToldWork.OfAsync(id, session.PromptAsync("SECOND-REQUEST", Stop));
            Assert.Equal(SessionOutcome.Unverified, told.Done.Outcome);
            Assert.Equal(runs, scenario.TestRuns);
            Assert.All(["FIRST-REQUEST", "FIRST-STATEMENT", "return x + 1", "SECOND-REQUEST"], text => Assert.Contains(text, scenario.Client.Calls[1].Text));
            Assert.Equal(session.StoredEvents[^1].Seq + 1, told.Events[0].Seq);

            // In the same process the third prompt is told the same as after opening the session again.
            await ToldWork.OfAsync(id, session.PromptAsync("THIRD-REQUEST", Stop));
        }

        var third = scenario.Client.Calls[3].Text;
        var (journal, _) = (Path.Combine(scenario.Project.Data, "sessions", id, "journal.jsonl"), 0);
        var lines = await File.ReadAllLinesAsync(journal, Stop);
        await File.WriteAllTextAsync(journal, string.Concat(lines[..Array.FindLastIndex(lines, l => l.StartsWith("{\"prompt\"", StringComparison.Ordinal))].Select(l => l + "\n")), Stop);
        scenario.Client = new ScriptedChatClient("1. Answer again.", "Still done.");
        await using var again = await scenario.Agent.ResumeAsync(id, scenario.Model, scenario.Approver, Stop);
        await ToldWork.OfAsync(id, again.PromptAsync("THIRD-REQUEST", Stop));
        Assert.Equal(third, scenario.Client.Calls[1].Text);
    }

    [Fact]
    public async Task Cancelled_prompt_is_continued_in_the_same_process_without_doubles()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, "Done.");
        scenario.OnTests = run => { if (run == 2) { cancel.Cancel(); cancel.Token.ThrowIfCancellationRequested(); } };
        await using var session = await scenario.BeginAsync();
        var first = await ToldWork.OfAsync(session.Id, session.PromptAsync("make double(x) return twice x", cancel.Token));
        Assert.Equal(SessionOutcome.Cancelled, first.Done.Outcome);
        Assert.True(session.HasOpenPrompt);
        Assert.Equal(RepositoryScenario.Fixed, File.ReadAllText(scenario.WorktreeFile("dates.py")));

        scenario.OnTests = _ => { };
        var second = await ToldWork.OfAsync(session.Id, session.ContinueAsync(Stop));
        Assert.Equal(SessionOutcome.Succeeded, second.Done.Outcome);
        Assert.DoesNotContain(second.Events, e => e is PromptEvent or PlanEvent { Steps: [{ Status: PlanStepStatus.InProgress }, ..] });
        Assert.Equal(first.Events[^1].Seq + 1, second.Events[0].Seq);
        Assert.Equal(0, scenario.Client.Left);
    }

    [Fact]
    public async Task Model_and_tool_that_ignore_a_cancellation_do_not_hold_it_up()
    {
        foreach (var inTool in new[] { false, true })
        {
            // A second for the model, less for a tool, whose change is put back afterwards.
            var grace = inTool ? RepositorySteps.Grace : ModelCall.Grace;
            var time = new AwaitedTime();
            using var cancel = new CancellationTokenSource();
            var never = new TaskCompletionSource();
            using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, inTool ? ScriptedReply.TextCall("change_file", "{}") : new ScriptedReply { Gate = never.Task, IgnoresCancellation = true });
            scenario.Time = time;
            scenario.Task = scenario.Task with { Mode = EdgeCoder.Agent.Approvals.ApprovalMode.Full };
            var reached = new TaskCompletionSource();
            scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt"), _ => { reached.TrySetResult(); return never.Task; }));
            await using var session = await scenario.BeginAsync();
            var work = ToldWork.OfAsync(session.Id, session.PromptAsync("x", cancel.Token));
            await (inTool ? reached.Task : scenario.Client.WaitForCallAsync(2)).WaitAsync(Stop);
            await cancel.CancelAsync();
            await time.BegunAsync(grace, Stop);
            time.Advance(grace);
            var told = await work;
            Assert.Equal(SessionOutcome.Cancelled, told.Done.Outcome);
            Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
            never.SetResult();
        }
    }

    [Fact]
    public async Task New_prompt_takes_the_place_of_one_that_was_cut_off()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, ScriptedReply.GoneInMidStream("I "), "1. Say so.", "Nothing else to do.");
        await using var session = await scenario.BeginAsync();
        Assert.Equal("model_unavailable", (await ToldWork.OfAsync(session.Id, session.PromptAsync("first", Stop))).Error!.Code);
        var told = await ToldWork.OfAsync(session.Id, session.PromptAsync("second", Stop));
        Assert.False(session.HasOpenPrompt);
        Assert.Contains("Edited dates.py", scenario.Client.Calls[^1].Text);
        Assert.NotNull(told.Execution.Patch);
        await Assert.ThrowsAsync<RepositoryException>(() => ToldWork.OfAsync(session.Id, session.ContinueAsync(Stop)));
    }

    [Fact]
    public async Task Tool_that_breaks_ends_the_prompt_with_its_change_put_back()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("change_file", "{}"));
        scenario.Task = scenario.Task with { Mode = EdgeCoder.Agent.Approvals.ApprovalMode.Full };
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt"), _ => throw new InvalidOperationException("broken")));
        var told = await scenario.RunAsync();
        Assert.Equal("tool_failed", told.Error!.Code);
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
        Assert.True(Assert.Single(scenario.Sessions.List()).Resumable);
    }

    [Fact]
    public async Task Missing_sandbox_ends_at_once_and_burns_no_step()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("gone", "{}"));
        scenario.Task = scenario.Task with { Mode = EdgeCoder.Agent.Approvals.ApprovalMode.Full };
        scenario.MoreTools.Add(new GoneTool());
        var told = await scenario.RunAsync();
        Assert.Equal(("sandbox_unavailable", "no namespaces here"), (told.Error!.Code, told.Error.Message));
        Assert.Equal(2, scenario.Client.Calls.Count);
    }

    [Fact]
    public async Task Full_disk_is_told_and_the_end_still_comes()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, ScriptedReply.TextCall("change_file", "{}"));
        scenario.Task = scenario.Task with { Mode = EdgeCoder.Agent.Approvals.ApprovalMode.Full };
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt"), _ => throw new IOException("No space left on device", 28)));
        var told = await scenario.RunAsync();
        Assert.Equal("disk_full", told.Error!.Code);
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
    }

    [Fact]
    public async Task Repository_session_is_listed_with_its_root_and_is_not_resumed_as_a_snippet()
    {
        using var scenario = RepositoryScenario.With(fixture, RepositoryScenario.Plan, "Nothing to do.");
        var told = await scenario.RunAsync("look at it");
        var summary = Assert.Single(scenario.Sessions.List());
        Assert.Equal(("look at it", scenario.Project.Root, SessionOutcome.Unverified), (summary.Request, summary.Root, summary.Outcome));
        var snippets = new EdgeCoder.Agent.Snippets.SnippetAgent(new EdgeCoder.TestKit.Execution.ScriptedExecutor(_ => EdgeCoder.TestKit.Execution.Runs.ExitedZero()), scenario.Sessions, TimeProvider.System);
        Assert.Equal("session_kind", Assert.Throws<SessionStoreException>(() => { snippets.ResumeAsync(told.SessionId, scenario.Model, Stop); }).Code);
        await scenario.Agent.DeleteAsync(told.SessionId, Stop);
        Assert.Empty(scenario.Sessions.List());
    }

    [Fact]
    public async Task Review_works_from_another_process_without_the_model()
    {
        using var scenario = await RepositoryScenario.WithGitAsync(fixture, RepositoryScenario.Plan, RepositoryScenario.Mend, ScriptedReply.GoneInMidStream("I "));
        var told = await scenario.RunAsync();
        Assert.True(Assert.Single(scenario.Sessions.List()).Resumable);

        await using (var opened = await scenario.Agent.OpenAsync(told.SessionId, scenario.Approver, Stop))
        {
            Assert.Equal("dates.py", Assert.Single(await opened.Review.ChangesAsync(Stop)).Path);
            Assert.True((await opened.Review.TestAsync(Stop))!.IsPass);
            Assert.True((await opened.Review.UndoAsync(Stop)).Applied);
            Assert.Empty(await opened.Review.ChangesAsync(Stop));
        }

        // What was reviewed is not continued over the person's word.
        Assert.False(Assert.Single(scenario.Sessions.List()).Resumable);
        await using var again = await scenario.Agent.OpenAsync(told.SessionId, scenario.Approver, Stop);
        Assert.True((await again.Review.RedoAsync(Stop)).Applied);
        Assert.False((await again.Review.RedoAsync(Stop)).Applied);
        await again.Review.SelectAsync([new("dates.py", null, System.Text.Encoding.UTF8.GetBytes("def double(x):\n    return 2 * x\n"))], Stop);
        Assert.True((await again.Review.ApplyAsync(Stop)).Applied);
        Assert.Contains("2 * x", scenario.Project.Read("dates.py"));
        Assert.True((await again.Review.UndoAsync(Stop)).Applied);
        Assert.Equal(RepositoryScenario.Buggy, scenario.Project.Read("dates.py"));
    }
}

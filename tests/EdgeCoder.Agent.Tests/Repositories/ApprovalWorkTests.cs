using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>R6, R7, S6: the person's word and policy, in a session.</summary>
[Collection(GitCollection.Name)]
public sealed class ApprovalWorkTests(GitFixture fixture)
{
    private static readonly ScriptedReply Change = ScriptedReply.TextCall("change_file", "{}");

    [Fact]
    public async Task Refusal_is_the_tools_result_and_the_work_goes_on()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, Change, RepositoryScenario.Mend, "Done.");
        scenario.Approver = new(ApprovalAnswer.Once, ApprovalAnswer.Once, ApprovalAnswer.Denied);
        var told = await scenario.RunAsync();
        Assert.Equal(SessionOutcome.Succeeded, told.Done.Outcome);
        Assert.Contains("Refused: The person said no", scenario.Client.Calls[2].Text);
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
        Assert.Equal(("denied", "person"), told.Events.OfType<ApprovalEvent>().Where(e => e.Decision == "denied").Select(e => (e.Decision, e.By)).Single());
    }

    [Fact]
    public async Task Answer_for_the_session_is_not_asked_again_and_once_is()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, Change, Change, Change, "Done.", "Done.");
        scenario.Approver = new(ApprovalAnswer.Session, ApprovalAnswer.Once, ApprovalAnswer.Once);
        await scenario.RunAsync();
        // The tests once; the change once, then for the session.
        Assert.Equal(["run_tests", "change_file", "change_file"], scenario.Approver.Requests.Select(r => r.Action.Tool));
        Assert.Equal(3, scenario.Approver.Requests.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task Answer_for_ever_holds_in_the_next_session_of_this_project()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, Change, "Done.");
        scenario.Approver = new(ApprovalAnswer.Always);
        await scenario.RunAsync();
        scenario.Client = new ScriptedChatClient(RepositoryScenario.Plan, Change, "Done.");
        scenario.Approver = new(ApprovalAnswer.Denied);
        var told = await scenario.RunAsync();
        Assert.Empty(scenario.Approver.Requests);
        Assert.Contains(told.Events.OfType<ApprovalEvent>(), e => e is { By: "rule", Decision: "once" });
    }

    [Fact]
    public async Task Question_that_nobody_answers_expires_after_five_minutes_as_a_refusal()
    {
        var time = new FakeTimeProvider();
        using var scenario = Scenario(RepositoryScenario.Plan, Change, "I stop.");
        scenario.Time = time;
        scenario.Approver = new(ApprovalAnswer.Once) { Before = (_, token) => { time.Advance(ApprovalDesk.Lifetime); return Task.Delay(Timeout.InfiniteTimeSpan, time, token); } };
        var told = await scenario.RunAsync();
        Assert.Contains("Nobody answered", scenario.Client.Calls[2].Text);
        Assert.All(told.Events.OfType<ApprovalEvent>(), e => Assert.Equal(("expired", "nobody"), (e.Decision, e.By)));
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
    }

    [Fact]
    public async Task Yes_that_comes_too_late_is_no()
    {
        var time = new FakeTimeProvider();
        using var scenario = Scenario(RepositoryScenario.Plan, Change, "I stop.");
        scenario.Time = time;
        scenario.Approver = new(ApprovalAnswer.Once) { Before = (_, _) => { time.Advance(ApprovalDesk.Lifetime); return Task.CompletedTask; } };
        await scenario.RunAsync();
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
    }

    [Fact]
    public async Task Action_that_changed_after_the_answer_needs_another_one()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, ScriptedReply.TextCall("shifting", "{}"), "I stop.");
        var shifting = new ShiftingTool();
        scenario.MoreTools.Add(shifting);
        scenario.Approver = new(ApprovalAnswer.Once) { Before = (request, _) => { shifting.Version += request.Action.Tool == "shifting" && scenario.Approver.Requests.Count == 2 ? 1 : 0; return Task.CompletedTask; } };
        var told = await scenario.RunAsync();
        var asked = scenario.Approver.Requests.Where(r => r.Action.Tool == "shifting").ToList();
        Assert.Equal(2, asked.Count);
        Assert.NotEqual(asked[0].ActionHash, asked[1].ActionHash);
        Assert.Equal(["expired", "once"], told.Events.OfType<ApprovalEvent>().Skip(1).Select(e => e.Decision));
        Assert.Equal(1, shifting.Runs);
    }

    [Fact]
    public async Task Waiting_for_the_person_does_not_count_as_time()
    {
        var time = new FakeTimeProvider();
        using var scenario = Scenario(RepositoryScenario.Plan, Change, "Done.");
        scenario.Time = time;
        scenario.Task = scenario.Task with { MaxTime = TimeSpan.FromMinutes(2) };
        scenario.Approver = new(ApprovalAnswer.Once) { Before = (_, _) => { time.Advance(TimeSpan.FromMinutes(4)); return Task.CompletedTask; } };
        var told = await scenario.RunAsync();
        Assert.NotEqual(SessionOutcome.BudgetExhausted, told.Done.Outcome);
        Assert.Equal("one\nchanged\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
    }

    [Fact]
    public async Task Read_only_mode_asks_before_a_write()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, RepositoryScenario.Mend, "I may not.");
        scenario.Task = scenario.Task with { Mode = ApprovalMode.ReadOnly };
        scenario.Approver = new(ApprovalAnswer.Denied);
        var told = await scenario.RunAsync();
        Assert.Contains(scenario.Approver.Requests, r => r.Action.Tool == "edit_file");
        Assert.Null(told.Execution.Patch);
    }

    [Fact]
    public async Task Policy_that_cannot_be_read_stops_the_start()
    {
        using var scenario = Scenario();
        scenario.Project.Write(".edgecoder/policy", """{"rules":[{"effect":"allow","tool":"run_command","prefix":["rm"]}]}""");
        Assert.Equal("policy_invalid", (await Assert.ThrowsAsync<RepositoryException>(scenario.BeginAsync)).Code);
        Assert.Empty(scenario.Sessions.List());
    }

    [Fact]
    public async Task Canary_that_succeeds_stops_the_start()
    {
        using var scenario = Scenario();
        scenario.Sites.Reached = "a denied file was read";
        Assert.Equal("policy_not_proven", (await Assert.ThrowsAsync<RepositoryException>(scenario.BeginAsync)).Code);
        Assert.Empty(scenario.Sessions.List());
    }

    [Fact]
    public async Task Canaries_find_tools_that_do_not_hold()
    {
        using var directory = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        var reached = await new PolicyCanaries(Policy.None, "local", root => new CanaryTools([new LeakyReadTool(root)], new MemoryStream())).ProveAsync(directory["canary"], TestContext.Current.CancellationToken);
        Assert.Equal("a denied file was read", reached);
        Assert.False(Directory.Exists(directory["canary"]));
    }

    [Fact]
    public async Task Label_narrows_the_class_and_a_model_elsewhere_sees_nothing_of_it()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, ScriptedReply.TextCall("read_file", """{"path": "inner/key.txt"}"""));
        scenario.Project.Write("inner/key.txt", "for this machine only\n");
        scenario.Project.Write(".edgecoder/policy", """{"labels":[{"path":"inner/**","class":"local"}]}""");
        scenario.Task = scenario.Task with { DataClass = "team" };
        scenario.OnThisMachine = false;
        var told = await scenario.RunAsync();
        Assert.Equal("data_class_denied", told.Error!.Code);
        Assert.Equal("local", told.Execution.DataClass);
        Assert.DoesNotContain(scenario.Client.Calls, c => c.Text.Contains("for this machine only", StringComparison.Ordinal));
        Assert.NotEmpty(told.Execution.Egress);
    }

    [Fact]
    public async Task Error_that_quotes_a_labelled_file_is_not_sent_elsewhere()
    {
        using var scenario = Scenario(RepositoryScenario.Plan, ScriptedReply.Edit("inner/key.txt", "for this machine", "x"));
        scenario.Project.Write("inner/key.txt", "for this machine only\n");
        scenario.Project.Write(".edgecoder/policy", """{"labels":[{"path":"inner/**","class":"local"}]}""");
        scenario.Task = scenario.Task with { DataClass = "team" };
        scenario.OnThisMachine = false;
        Assert.Equal("data_class_denied", (await scenario.RunAsync()).Error!.Code);
        Assert.DoesNotContain(scenario.Client.Calls, c => c.Text.Contains("machine only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Map_of_labelled_files_is_not_sent_elsewhere_and_narrows_the_class_here()
    {
        foreach (var here in new[] { true, false })
        {
            using var scenario = Scenario(RepositoryScenario.Plan, "Nothing to do.");
            scenario.Project.Write(".edgecoder/policy", """{"labels":[{"path":"inner/**","class":"local"}]}""");
            scenario.Task = scenario.Task with { DataClass = "team" };
            scenario.OnThisMachine = here;
            (scenario.Sites.Map, scenario.Sites.MapPaths) = ("inner/key.py: secret_symbol", ["inner/key.py"]);
            var told = await scenario.RunAsync();
            Assert.Equal(here, scenario.Client.Calls[0].Text.Contains("secret_symbol", StringComparison.Ordinal));
            Assert.Equal(here ? "local" : "team", told.Execution.DataClass);
        }
    }

    [Fact]
    public async Task Local_work_is_not_begun_with_a_model_elsewhere()
    {
        using var scenario = Scenario();
        scenario.OnThisMachine = false;
        Assert.Equal("data_class_denied", (await Assert.ThrowsAsync<RepositoryException>(scenario.BeginAsync)).Code);
    }

    [Fact]
    public async Task Secrets_are_redacted_for_a_model_elsewhere_and_not_for_one_here()
    {
        const string Token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
        foreach (var here in new[] { true, false })
        {
            using var scenario = Scenario(RepositoryScenario.Plan, ScriptedReply.TextCall("read_file", """{"path": "settings.txt"}"""), "Done.");
            scenario.Project.Write("settings.txt", $"token = {Token}\n");
            scenario.Task = scenario.Task with { DataClass = "team" };
            scenario.OnThisMachine = here;
            await scenario.RunAsync();
            Assert.Equal(here, scenario.Client.Calls[2].Text.Contains(Token, StringComparison.Ordinal));
        }
    }

    private RepositoryScenario Scenario(params IEnumerable<ScriptedReply> replies)
    {
        var scenario = RepositoryScenario.With(fixture, replies);
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt")));
        return scenario;
    }
}

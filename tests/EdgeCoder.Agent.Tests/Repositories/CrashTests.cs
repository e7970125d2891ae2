using System.Text;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>L10: a session that was killed at any record of its journal goes on there; every side effect is there exactly once.</summary>
[Collection(GitCollection.Name)]
public sealed class CrashTests(GitFixture fixture)
{
    private static readonly ScriptedReply[] Replies =
    [
        RepositoryScenario.Plan,
        ScriptedReply.TextCall("read_file", """{"path": "dates.py"}"""),
        ScriptedReply.TextCall("change_file", "{}"),
        "```tool_call\nnonsense\n```",
        RepositoryScenario.Mend,
        "Done.",
    ];

    [Fact]
    public async Task Killed_at_any_record_every_effect_happens_once()
    {
        using var original = Scenario(Replies);
        var first = await original.RunAsync();
        Assert.Equal(SessionOutcome.Succeeded, first.Done.Outcome);
        var (journal, events) = Files(original, first.SessionId);
        var records = LineFile<JournalLine>.Read(journal, JournalJson.Default).Select(l => l.Record!).ToList();
        var lines = await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken);
        var allEvents = await File.ReadAllLinesAsync(events, TestContext.Current.CancellationToken);
        var boundaries = 0;

        // The prompt is the second record; the end is the last.
        for (var cut = 2; cut < records.Count; cut++)
        {
            boundaries++;
            var kept = records[..cut];
            var calls = kept.OfType<CloseRecord>().Count(c => c.Reply is not null);
            await KillAsync(original, first.SessionId, kept, lines[..cut], allEvents);
            original.Client = new ScriptedChatClient(Replies.Skip(calls));
            var testRuns = original.TestRuns;

            var told = await original.ResumeAsync(first.SessionId);

            Assert.Equal(SessionOutcome.Succeeded, told.Done.Outcome);
            Assert.Equal(0, original.Client.Left);
            Assert.Equal("one\nchanged\n", File.ReadAllText(original.WorktreeFile("a.txt")));
            Assert.Equal(RepositoryScenario.Fixed, File.ReadAllText(original.WorktreeFile("dates.py")));
            Assert.Equal(first.Execution.Patch, told.Execution.Patch);
            Assert.Equal(2 - kept.OfType<CloseRecord>().Count(c => c.Tool?.Tests is not null), original.TestRuns - testRuns);
            var stored = original.Sessions.EventsAfter(first.SessionId, 0);
            Assert.Equal(Enumerable.Range(1, stored.Count).Select(i => (long)i), stored.Select(e => e.Seq));
            Assert.Single(stored.OfType<PromptEvent>());
        }

        Assert.True(boundaries > 20, $"only {boundaries} records");
    }

    /// <summary>The detector fires: with a workspace that does not put back, half of the change that was killed stays.</summary>
    [Fact]
    public async Task Without_the_roll_back_half_a_change_is_seen()
    {
        using var scenario = Scenario(Replies);
        var first = await scenario.RunAsync();
        var (journal, events) = Files(scenario, first.SessionId);
        var records = LineFile<JournalLine>.Read(journal, JournalJson.Default).Select(l => l.Record!).ToList();
        var cut = records.FindLastIndex(r => r is OpenRecord { Kind: StepKind.Change }) + 1;
        await KillAsync(scenario, first.SessionId, records[..cut], (await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken))[..cut], await File.ReadAllLinesAsync(events, TestContext.Current.CancellationToken));
        scenario.Sites.Workspace.Broken = true;
        scenario.Client = new ScriptedChatClient(Replies.Skip(records[..cut].OfType<CloseRecord>().Count(c => c.Reply is not null)));
        await scenario.ResumeAsync(first.SessionId);
        Assert.Equal("half of a change", File.ReadAllText(scenario.WorktreeFile("a.txt")));
    }

    [Fact]
    public async Task Cancelled_step_is_rolled_back_and_the_session_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = Scenario(Replies, cancel.CancelAsync);
        var told = await scenario.RunAsync(cancellationToken: cancel.Token);

        Assert.Equal(SessionOutcome.Cancelled, told.Done.Outcome);
        Assert.Equal("one\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
        scenario.MoreTools.Clear();
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt")));
        var resumed = await scenario.ResumeAsync(told.SessionId);
        Assert.Equal(SessionOutcome.Succeeded, resumed.Done.Outcome);
        Assert.Equal("one\nchanged\n", File.ReadAllText(scenario.WorktreeFile("a.txt")));
        Assert.Equal(0, scenario.Client.Left);
    }

    [Fact]
    public async Task Approval_that_was_given_before_a_crash_is_asked_for_again()
    {
        using var scenario = Scenario(Replies);
        scenario.Task = scenario.Task with { Mode = ApprovalMode.WorkspaceWrite };
        var first = await scenario.RunAsync();
        var (journal, events) = Files(scenario, first.SessionId);
        var records = LineFile<JournalLine>.Read(journal, JournalJson.Default).Select(l => l.Record!).ToList();
        var cut = records.FindLastIndex(r => r is DecisionRecord { By: "person" }) + 1;
        Assert.True(cut > 0);
        await KillAsync(scenario, first.SessionId, records[..cut], (await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken))[..cut], await File.ReadAllLinesAsync(events, TestContext.Current.CancellationToken));
        scenario.Client = new ScriptedChatClient(Replies.Skip(records[..cut].OfType<CloseRecord>().Count(c => c.Reply is not null)));
        scenario.Approver = new(ApprovalAnswer.Once);
        await scenario.ResumeAsync(first.SessionId);
        Assert.Contains(scenario.Approver.Requests, r => r.ActionHash == ((DecisionRecord)records[cut - 1]).ActionHash);
    }

    private RepositoryScenario Scenario(IEnumerable<ScriptedReply> replies, Func<Task>? afterChange = null)
    {
        var scenario = RepositoryScenario.With(fixture, replies);
        scenario.Task = scenario.Task with { Mode = ApprovalMode.Full };
        scenario.MoreTools.Add(new ChangeFileTool(() => scenario.WorktreeFile("a.txt"), async token =>
        {
            if (afterChange is not null)
            {
                await afterChange();
                token.ThrowIfCancellationRequested();
            }
        }));
        return scenario;
    }

    private static (string Journal, string Events) Files(RepositoryScenario scenario, string id) =>
        (Path.Combine(scenario.Project.Data, "sessions", id, "journal.jsonl"), Path.Combine(scenario.Project.Data, "sessions", id, "events.jsonl"));

    /// <summary>The state after a kill: the journal as far as it was written, the events of that time, and the worktree as the steps left it; a step that was at work left half of something.</summary>
    private static async Task KillAsync(RepositoryScenario scenario, string id, List<JournalRecord> kept, string[] journal, string[] events)
    {
        var workspace = scenario.Sites.Workspace;
        var tree = kept.OfType<CloseRecord>().Select(c => (c.Saved ?? c.Tool?.Saved)?.Tree).LastOrDefault(t => t is not null) ?? workspace.Base.Tree;
        await workspace.RestoreAsync(workspace.SavePoints.Last(p => p.Tree == tree), CancellationToken.None);
        if (kept[^1] is OpenRecord { Kind: StepKind.Change })
        {
            await File.WriteAllTextAsync(scenario.WorktreeFile("a.txt"), "half of a change");
            await File.WriteAllTextAsync(scenario.WorktreeFile("half.tmp"), "left by a step that was killed");
        }

        var files = Files(scenario, id);
        await File.WriteAllTextAsync(files.Journal, string.Concat(journal.Select(l => l + "\n")));
        var told = kept[^1] switch
        {
            CloseRecord { Seq: { } seq } => seq,
            OpenRecord { Seq: { } seq } => seq,
            PromptRecord prompt => prompt.Seq,
            _ => kept.OfType<CloseRecord>().LastOrDefault()?.Seq ?? 1,
        };
        await File.WriteAllTextAsync(files.Events, string.Concat(events.Take((int)told).Select(l => l + "\n")), new UTF8Encoding(false));
    }
}

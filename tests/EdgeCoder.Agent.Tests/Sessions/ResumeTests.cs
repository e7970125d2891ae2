using System.Text;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Snippets;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Agent.Tests.Sessions;

/// <summary>L10: a session that was killed at any step goes on at that step; nothing that was done is done again.</summary>
public sealed class ResumeTests
{
    private static readonly ScriptedReply[] Replies =
        [Scenario.Plan, ScriptedReply.Fenced(Scenario.Tests), "no code here", ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.OtherBad), ScriptedReply.Fenced(Scenario.Good)];

    [Fact]
    public async Task Journal_cut_at_any_record_and_inside_it_repeats_no_closed_step_and_loses_none()
    {
        using var original = new Scenario(Replies);
        var first = await original.RunAsync();
        var folder = Path.Combine("sessions", first.Execution.SessionId);
        var journal = File.ReadAllBytes(Path.Combine(original.DataDirectory, folder, "journal.jsonl"));
        var events = File.ReadAllBytes(Path.Combine(original.DataDirectory, folder, "events.jsonl"));
        var begun = journal.AsSpan().IndexOf((byte)'\n');

        foreach (var cut in Cuts(journal).Where(c => c >= begun))
        {
            var closed = ClosedIn(journal[..cut]);
            using var resumed = new Scenario(Replies.Skip(closed.Model));
            Directory.CreateDirectory(Path.Combine(resumed.DataDirectory, folder));
            File.WriteAllBytes(Path.Combine(resumed.DataDirectory, folder, "journal.jsonl"), journal[..cut]);
            File.WriteAllBytes(Path.Combine(resumed.DataDirectory, folder, "events.jsonl"), events);
            var told = await resumed.ResumeAsync(first.Execution.SessionId);

            Assert.Equal(0, resumed.Client.Left);
            Assert.Equal(Replies.Length - closed.Model, resumed.Client.Calls.Count);
            Assert.Equal(original.Executor.Requests.Count - closed.Runs, resumed.Executor.Requests.Count);
            Assert.Equal(Comparable(first.Execution), Comparable(told.Execution));
            Assert.Equal(Shape(first), Shape(told));
        }
    }

    [Fact]
    public async Task Killed_at_any_effect_the_stream_goes_on_with_the_next_number_and_doubles_nothing()
    {
        for (var killedAt = 1; killedAt <= 10; killedAt++)
        {
            using var snapshot = new TestKit.Files.TemporaryDirectory();
            using var first = new Scenario(Replies);
            var effects = 0;
            first.Executor = new ScriptedExecutor(r =>
            {
                Snapshot();
                return Scenario.Judge(r);
            });
            using var client = new NoticingChatClient(first.Client, Snapshot);
            await Told.OfAsync(first.Agent.RunAsync(first.Task, first.Model with { Client = client }, TestContext.Current.CancellationToken));

            void Snapshot()
            {
                if (++effects == killedAt)
                {
                    CopyTree(first.DataDirectory, snapshot.Path);
                }
            }

            var store = new SessionStore(snapshot.Path);
            var id = Assert.Single(store.List()).SessionId;
            var storedSeq = store.EventsAfter(id, 0)[^1].Seq;
            var closed = ClosedIn(File.ReadAllBytes(Path.Combine(snapshot.Path, "sessions", id, "journal.jsonl")));
            using var second = new Scenario(Replies.Skip(closed.Model));
            var told = await Told.OfAsync(new EdgeCoder.Agent.Snippets.SnippetAgent(second.Executor, store, TimeProvider.System).ResumeAsync(id, second.Model, TestContext.Current.CancellationToken));

            Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
            Assert.Equal(Enumerable.Range(1, told.Events.Count).Select(i => (long)i), told.Events.Select(e => e.Seq));
            Assert.True(told.Events[^1].Seq > storedSeq);
            Assert.Equal(0, second.Client.Left);
        }
    }

    [Fact]
    public async Task Ended_session_gives_its_events_once_more_and_does_nothing()
    {
        using var scenario = new Scenario(Replies);
        var first = await scenario.RunAsync();
        var calls = scenario.Client.Calls.Count;
        var again = await scenario.ResumeAsync(first.Execution.SessionId);

        Assert.Equal(first.Events.Select(e => (e.Seq, e.GetType())), again.Events.Select(e => (e.Seq, e.GetType())));
        Assert.Equal(calls, scenario.Client.Calls.Count);
    }

    [Fact]
    public async Task Session_whose_model_went_away_goes_on_when_it_is_back()
    {
        using var scenario = new Scenario([.. Replies.Take(2), ScriptedReply.GoneInMidStream("```python\nx = 1"), ScriptedReply.Fenced(Scenario.Good)]);
        var first = await scenario.RunAsync();
        Assert.Equal("model_unavailable", first.Error!.Code);
        Assert.True(Assert.Single(scenario.Sessions.List()).Resumable);
        var told = await scenario.ResumeAsync(first.Execution.SessionId);

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(4, scenario.Client.Calls.Count);
        Assert.Null(told.Error);
        Assert.Single(told.Events.OfType<DoneEvent>());
    }

    [Fact]
    public async Task Session_whose_sandbox_was_missing_goes_on_when_it_is_there()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = new ScriptedExecutor(_ => Runs.SandboxUnavailable());
        var first = await scenario.RunAsync();
        scenario.Executor = new ScriptedExecutor(Scenario.Judge);
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.ResumeAsync(first.Execution.SessionId)).Execution.Outcome);
        Assert.Equal(3, scenario.Client.Calls.Count);
    }

    [Fact]
    public async Task Cancelled_session_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        scenario.Executor = new ScriptedExecutor(async (_, token) =>
        {
            await cancel.CancelAsync();
            throw new OperationCanceledException(token);
        });
        var first = await scenario.RunAsync(cancel.Token);
        scenario.Executor = new ScriptedExecutor(Scenario.Judge);
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.ResumeAsync(first.Execution.SessionId)).Execution.Outcome);
    }

    [Fact]
    public async Task Session_that_gave_up_does_not_go_on()
    {
        using var scenario = Scenario.WithRuns(Runs.Timeout("1"), Runs.Timeout("2"));
        var first = await scenario.RunAsync();
        var again = await scenario.ResumeAsync(first.Execution.SessionId);
        Assert.Equal(EscalationReason.Timeout, again.Execution.EscalationReason);
        Assert.Equal(4, scenario.Client.Calls.Count);
    }

    [Fact]
    public async Task Other_model_under_the_same_name_is_refused()
    {
        using var scenario = await InterruptedAsync();
        scenario.Digest = "sha256:other";
        var fault = Assert.Throws<SessionStoreException>(() => { scenario.Agent.ResumeAsync(scenario.Sessions.List()[0].SessionId, scenario.Model, TestContext.Current.CancellationToken); });
        Assert.Equal("model_changed", fault.Code);
    }

    [Fact]
    public async Task Local_session_is_not_resumed_with_a_model_elsewhere()
    {
        using var scenario = await InterruptedAsync();
        scenario.OnThisMachine = false;
        var fault = Assert.Throws<SessionStoreException>(() => { scenario.Agent.ResumeAsync(scenario.Sessions.List()[0].SessionId, scenario.Model, TestContext.Current.CancellationToken); });
        Assert.Equal("data_class_denied", fault.Code);
    }

    [Fact]
    public async Task Session_of_a_program_with_other_prompts_is_refused_and_not_mixed()
    {
        using var scenario = await InterruptedAsync();
        var id = scenario.Sessions.List()[0].SessionId;
        var journal = Path.Combine(scenario.DataDirectory, "sessions", id, "journal.jsonl");
        File.WriteAllText(journal, File.ReadAllText(journal).Replace("\"step\":1,\"kind\":\"model\",\"input\":\"", "\"step\":1,\"kind\":\"model\",\"input\":\"00", StringComparison.Ordinal));
        Assert.Equal("session_changed", (await scenario.ResumeAsync(id)).Error!.Code);
    }

    private static async Task<Scenario> InterruptedAsync()
    {
        var scenario = new Scenario(Scenario.Plan, ScriptedReply.GoneInMidStream("```python"), ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(Scenario.Good));
        await scenario.RunAsync();
        return scenario;
    }

    /// <summary>Every record's end, one byte around it, and places inside.</summary>
    private static IEnumerable<int> Cuts(byte[] journal) =>
        Enumerable.Range(0, journal.Length + 1).Where(i => i % 211 == 0 || i == journal.Length || (i > 0 && journal[i - 1] == '\n') || journal[Math.Min(i, journal.Length - 1)] == '\n');

    private static (int Model, int Runs) ClosedIn(byte[] journal)
    {
        var lines = Encoding.UTF8.GetString(journal).Split('\n').Where(l => l.StartsWith("{\"close\"", StringComparison.Ordinal) && IsWhole(l)).ToList();
        return (lines.Count(l => l.Contains("\"reply\":", StringComparison.Ordinal)), lines.Count(l => !l.Contains("\"reply\":", StringComparison.Ordinal)));
    }

    private static bool IsWhole(string line)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(line);
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static string Comparable(AgentExecution execution) =>
        System.Text.Json.JsonSerializer.Serialize(execution with { Usage = execution.Usage with { WallMs = 0, OwnMs = 0 } }, Protocol.ProtocolJson.Default.AgentExecution);

    private static IEnumerable<string> Shape(Told told) => told.Events.Where(e => e is not TextEvent).Select(e => e.GetType().Name);

    private static void CopyTree(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = File.Create(target);
            source.CopyTo(copy);
        }
    }
}

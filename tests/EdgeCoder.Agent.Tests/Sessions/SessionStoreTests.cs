using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Tests.Snippets;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Sessions;

public sealed class SessionStoreTests
{
    [Fact]
    public async Task Sessions_are_listed_with_request_model_and_outcome()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();
        var listed = Assert.Single(scenario.Sessions.List());

        Assert.Equal(told.Execution.SessionId, listed.SessionId);
        Assert.Equal(scenario.Task.Request, listed.Request);
        Assert.Equal("scripted", listed.ModelId);
        Assert.Equal(SessionOutcome.Succeeded, listed.Outcome);
        Assert.False(listed.Resumable);
    }

    [Fact]
    public async Task Files_and_folder_are_open_to_their_owner_alone()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();
        var folder = Path.Combine(scenario.DataDirectory, "sessions", told.Execution.SessionId);

        const UnixFileMode others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(folder) & others);
        Assert.All(Directory.GetFiles(folder), f => Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(f) & others));
    }

    [Fact]
    public async Task Deleted_session_is_gone()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var id = (await scenario.RunAsync()).Execution.SessionId;
        scenario.Sessions.Delete(id);
        Assert.Empty(scenario.Sessions.List());
        Assert.Equal("session_not_found", Assert.Throws<SessionStoreException>(() => scenario.Sessions.Delete(id)).Code);
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("no-such-session")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public void Id_that_is_no_session_is_not_found(string id)
    {
        using var scenario = new Scenario();
        Assert.Equal("session_not_found", Assert.Throws<SessionStoreException>(() => scenario.Sessions.Delete(id)).Code);
        Assert.Equal("session_not_found", Assert.Throws<SessionStoreException>(() => { scenario.Agent.ResumeAsync(id, scenario.Model, TestContext.Current.CancellationToken); }).Code);
    }

    [Fact]
    public async Task Session_that_is_worked_on_is_neither_resumed_nor_deleted()
    {
        var gate = new TaskCompletionSource();
        using var scenario = new Scenario(ScriptedReply.Slow(gate.Task, Scenario.Plan), ScriptedReply.Fenced(Scenario.Tests), ScriptedReply.Fenced(Scenario.Good));
        var running = scenario.RunAsync();
        await scenario.Client.Asked;
        var id = Assert.Single(scenario.Sessions.List()).SessionId;

        Assert.Equal("session_in_use", Assert.Throws<SessionStoreException>(() => scenario.Sessions.Delete(id)).Code);
        Assert.Equal("session_in_use", Assert.Throws<SessionStoreException>(() => { scenario.Agent.ResumeAsync(id, scenario.Model, TestContext.Current.CancellationToken); }).Code);
        gate.SetResult();
        Assert.Equal(SessionOutcome.Succeeded, (await running).Execution.Outcome);
    }

    [Fact]
    public async Task Damaged_session_is_listed_as_such_and_can_be_deleted()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var id = (await scenario.RunAsync()).Execution.SessionId;
        var journal = Path.Combine(scenario.DataDirectory, "sessions", id, "journal.jsonl");
        File.WriteAllText(journal, "{}\n" + File.ReadAllText(journal));

        Assert.True(Assert.Single(scenario.Sessions.List()).Damaged);
        Assert.Equal("session_damaged", Assert.Throws<SessionStoreException>(() => { scenario.Agent.ResumeAsync(id, scenario.Model, TestContext.Current.CancellationToken); }).Code);
        scenario.Sessions.Delete(id);
        Assert.Empty(scenario.Sessions.List());
    }

    [Fact]
    public async Task Reader_may_ask_for_everything_after_a_position()
    {
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();
        var after = scenario.Sessions.EventsAfter(told.Execution.SessionId, 5);
        Assert.Equal(told.Events.Skip(5).Select(e => (e.Seq, e.GetType())), after.Select(e => (e.Seq, e.GetType())));
    }

    [Fact]
    public async Task Data_directory_that_cannot_be_written_is_an_outcome()
    {
        using var scenario = new Scenario(Scenario.Plan);
        var file = Path.Combine(scenario.DataDirectory, "a-file");
        File.WriteAllText(file, "");
        var agent = new SnippetAgent(scenario.Executor, new SessionStore(file), TimeProvider.System);
        var told = await Told.OfAsync(agent.RunAsync(scenario.Task, scenario.Model, TestContext.Current.CancellationToken));

        Assert.Equal("session_unwritable", told.Error!.Code);
        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
        Assert.Empty(scenario.Client.Calls);
    }
}

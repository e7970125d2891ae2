using System.Threading.Channels;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Tests.Snippets;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;

namespace EdgeCoder.Agent.Tests.Sessions;

public sealed class DiskFullTests
{
    [Theory]
    [InlineData(10, 1 << 20, SessionOutcome.Failed)]
    [InlineData(700, 1 << 20, SessionOutcome.Failed)]
    [InlineData(3_000, 1 << 20, SessionOutcome.Succeeded)]
    [InlineData(1 << 20, 10, SessionOutcome.Failed)]
    [InlineData(1 << 20, 2_000, SessionOutcome.Failed)]
    public async Task Full_disk_is_told_with_a_hint_and_done_still_comes(int journalRoom, int eventsRoom, SessionOutcome outcome)
    {
        // Where only the end could not be kept, the work itself is done and both are told.
        using var scenario = Scenario.WithCode(ScriptedReply.Fenced(Scenario.Good));
        var begin = new BeginRecord { SessionId = Guid.NewGuid().ToString(), AtMs = 1, Task = scenario.Task, Model = scenario.Model.Identity, Seed = 7 };
        using var journal = new SessionJournal(
            begin,
            [],
            LineFile<JournalLine>.On(new FullDisk(journalRoom), JournalJson.Default),
            LineFile<EventLine>.On(new FullDisk(eventsRoom), JournalJson.Default),
            [],
            @lock: null);
        var channel = Channel.CreateUnbounded<SessionEvent>();
        await new SnippetSession(journal, scenario.Model, scenario.Executor, channel.Writer, TimeProvider.System).DriveAsync(TestContext.Current.CancellationToken);
        channel.Writer.Complete();
        var told = await Told.OfAsync(channel.Reader.ReadAllAsync(TestContext.Current.CancellationToken));

        Assert.Equal("disk_full", told.Error!.Code);
        Assert.NotNull(told.Error.Hint);
        Assert.IsType<DoneEvent>(told.Events[^1]);
        Assert.Equal(outcome, told.Execution.Outcome);
    }
}

using EdgeCoder.Agent.Submissions;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Submissions;

/// <summary>A coordinator as a submitter uses it (coordinator-and-mesh 4).</summary>
public sealed class SubmitterClientTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_is_given_followed_and_its_result_taken()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "x = 1");
        using var client = Client(coordinator.Url);

        var accepted = await client.SubmitAsync(new() { TaskId = "t-1", Prompt = "write" }, Cancel);
        var events = await client.FollowAsync(accepted.TaskId, cancellationToken: Cancel).ToListAsync(Cancel);
        var result = await client.ResultAsync("t-1", Cancel);

        Assert.Equal(["task.planned", "lease.granted", "end"], events.Select(happened => happened.Type));
        Assert.Equal(("x = 1", "acct-mine"), (result.Outputs![0].Output, coordinator.Tasks["t-1"].SubmitterAccountId));
    }

    [Fact]
    public async Task A_broken_connection_is_taken_up_again_behind_the_last_event()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        coordinator.BreaksAfter = 1;
        coordinator.Ends = task => ScriptedTasks.Completed(task.TaskId!, "x = 1");
        using var client = new SubmitterClient(Access(coordinator.Url), TimeProvider.System);
        await client.SubmitAsync(new() { TaskId = "t-1", Prompt = "write" }, Cancel);

        var events = await client.FollowAsync("t-1", cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal([1, 2, 3], events.Select(happened => happened.Sequence));
        Assert.Equal(["after=0", "after=1", "after=2"], coordinator.Requests.Where(asked => asked.Contains("events", StringComparison.Ordinal)).Select(asked => asked.Split('?')[1]));
    }

    [Fact]
    public async Task A_refusal_keeps_its_code_and_an_absent_coordinator_is_told()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        using var client = Client(coordinator.Url);
        var refused = await Assert.ThrowsAsync<SubmitterException>(() => client.ResultAsync("t-none", Cancel));
        Assert.Equal(("task_not_found", 404), (refused.Code, refused.Status));

        using var nobody = Client(new("http://127.0.0.1:9"));
        var absent = await Assert.ThrowsAsync<SubmitterException>(() => nobody.ResultAsync("t-none", Cancel));
        Assert.Equal((SubmitterException.Unreachable, null), (absent.Code, absent.Status));
        await Assert.ThrowsAsync<SubmitterException>(async () => await nobody.FollowAsync("t-none", cancellationToken: Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_redirect_gets_neither_the_task_nor_the_key()
    {
        await using var other = await ScriptedTasks.StartAsync();
        await using var mover = LoopbackApp.NewBuilder().Build();
        mover.Run(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = new Uri(other.Url, context.Request.Path.Value).AbsoluteUri;
            return Task.CompletedTask;
        });
        await mover.StartAsync(Cancel);
        using var client = Client(new(mover.Urls.First()));

        var fault = await Assert.ThrowsAsync<SubmitterException>(() => client.SubmitAsync(new() { TaskId = "t-1", Prompt = "write" }, Cancel));

        Assert.Equal(SubmitterException.Fault, fault.Code);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_cancelled_task_ends_for_who_follows_it()
    {
        await using var coordinator = await ScriptedTasks.StartAsync();
        using var client = Client(coordinator.Url);
        await client.SubmitAsync(new() { TaskId = "t-1", Prompt = "write" }, Cancel);

        Assert.Equal(TaskState.Cancelled, (await client.CancelAsync("t-1", "no longer needed", Cancel)).State);
        Assert.Equal("end", (await client.FollowAsync("t-1", cancellationToken: Cancel).LastAsync(Cancel)).Type);
        Assert.Equal(("t-1", "no longer needed"), await coordinator.Cancelled.Reader.ReadAsync(Cancel));
    }

    [Theory]
    [InlineData("http://192.0.2.7:4301")]
    [InlineData("http://coordinator.example")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("https://me:secret@coordinator.example")]
    public void A_key_is_never_sent_in_the_clear_to_another_machine(string address) =>
        Assert.Throws<ArgumentException>(() => Client(new(address)));

    [Fact]
    public void The_key_is_in_no_text_of_the_access() => Assert.DoesNotContain(ScriptedTasks.Key, Access(new("http://127.0.0.1:1")).ToString(), StringComparison.Ordinal);

    private static SubmitterAccess Access(Uri coordinator) => new() { Coordinator = coordinator, ApiKey = ScriptedTasks.Key, AccountId = "acct-mine" };

    private SubmitterClient Client(Uri coordinator) => new(Access(coordinator), _time);
}

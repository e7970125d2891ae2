using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Events;
using EdgeCoder.Protocol.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Work;

/// <summary>Changes reach open pages (portal-and-control-plane 11, 18; 23 A6).</summary>
public sealed class LiveTests
{
    [Fact]
    public async Task A_change_of_a_task_reaches_its_owner_and_nobody_else()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var bob = await scene.Portal.PersonAsync("bob@example.org");
        var id = await scene.SubmitAsync(ann);
        await using var annStream = await scene.ListenAsync(ann);
        await using var bobStream = await scene.ListenAsync(bob);
        Assert.Equal("hello", (await annStream.NextAsync())!.Value.Type);
        Assert.Equal("hello", (await bobStream.NextAsync())!.Value.Type);
        var other = await scene.SubmitAsync(bob);

        scene.Home.Move(id, TaskState.Running);

        var seen = (await annStream.NextAsync())!.Value;
        Assert.Equal(("task", id, "running"), (seen.Type, seen.Data.GetProperty("taskId").GetString(), seen.Data.GetProperty("data").GetProperty("state").GetString()));
        Assert.Equal(other, (await bobStream.NextAsync())!.Value.Data.GetProperty("taskId").GetString());
    }

    [Fact]
    public async Task A_connection_that_broke_goes_on_after_the_last_event_also_at_another_instance()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var id = await scene.SubmitAsync(ann);
        long last;
        await using (var stream = await scene.ListenAsync(ann))
        {
            await stream.NextAsync();
            scene.Home.Move(id, TaskState.Planned);
            last = (await stream.NextAsync())!.Value.Id;
            scene.Home.Move(id, TaskState.Running);
            await stream.NextAsync();
        }

        await scene.Portal.RestartAsync();
        await using var again = await scene.ListenAsync(ann, last);
        Assert.Equal(("hello", last), ((await again.NextAsync())!.Value is var hello ? (hello.Type, hello.Id) : default));
        var missed = (await again.NextAsync())!.Value;
        Assert.Equal((last + 1, "running"), (missed.Id, missed.Data.GetProperty("data").GetProperty("state").GetString()));
    }

    [Fact]
    public async Task What_is_no_longer_kept_makes_the_page_read_itself_anew()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        var bus = scene.Portal.Role.Services.GetRequiredService<LiveBus>();
        var me = (await scene.Portal.SendAsync("GET", "/me", bearer: ann)).Body.GetProperty("user").GetProperty("userId").GetString()!;
        await bus.TellAsync(me, "task", "a:1", [], TestContext.Current.CancellationToken);
        await bus.TellAsync(me, "task", "a:2", [], TestContext.Current.CancellationToken);
        Assert.False(await bus.TellAsync(me, "task", "a:2", [], TestContext.Current.CancellationToken), "the same change was told twice");
        scene.Portal.Time.Advance(LiveBus.Kept);
        await scene.Portal.Role.Services.GetRequiredService<ExpiredRows>().PurgeAsync(TestContext.Current.CancellationToken);

        await using var stream = await scene.ListenAsync(ann, 1);

        Assert.Equal(("reset", 2L), ((await stream.NextAsync())!.Value is var reset ? (reset.Type, reset.Id) : default));
    }

    [Fact]
    public async Task The_stream_ends_with_the_session()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        await using var stream = await scene.ListenAsync(ann);
        await stream.NextAsync();
        Assert.Equal(200, (await scene.Portal.SendAsync("POST", "/auth/logout", new { }, ann)).Status);

        var end = stream.NextAsync();
        while (!end.IsCompleted)
        {
            scene.Portal.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Null(await end);
    }

    [Fact]
    public async Task A_stream_keeps_no_session_alive()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        await using var stream = await scene.ListenAsync(ann);
        await stream.NextAsync();
        var end = stream.NextAsync();
        scene.Portal.Time.Advance(TimeSpan.FromDays(4));
        while (!end.IsCompleted)
        {
            scene.Portal.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Null(await end);
        Assert.Equal(401, (await scene.Portal.SendAsync("GET", "/me", bearer: ann)).Status);
    }

    [Fact]
    public async Task The_events_of_one_task_end_with_the_session_too()
    {
        await using var scene = await WorkScene.StartAsync();
        var ann = await scene.Portal.PersonAsync("ann@example.org");
        Assert.Equal((404, "task_not_found"), ((await scene.Portal.SendAsync("GET", "/portal/api/tasks/nobodys/events", bearer: ann)) is var refused ? (refused.Status, refused.Body.GetProperty("error").GetString()) : default));
    }
}

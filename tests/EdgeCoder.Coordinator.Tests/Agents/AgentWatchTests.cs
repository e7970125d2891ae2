using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Tests.Enrolment;

namespace EdgeCoder.Coordinator.Tests.Agents;

/// <summary>States that follow from the clock, and the timer that notices them (coordinator-and-mesh 3.2, 11).</summary>
public sealed class AgentWatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_is_offline_after_three_missed_heartbeats_and_back_with_the_next_signed_request()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.Watch.CheckAsync(Cancellation);
        host.Queue.Changes.Clear();

        host.Time.Advance(TimeSpan.FromMilliseconds(44_999));
        Assert.Empty(await host.Watch.CheckAsync(Cancellation));
        host.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([("node-a", AgentStatus.Offline)], await host.Watch.CheckAsync(Cancellation));
        Assert.Equal([("node-a", false, "agent_offline")], host.Queue.Changes);

        // Any valid signed request is a sighting, not only a heartbeat.
        Assert.Equal(200, (await agent.GetAsync("/agent/diagnostics/node-a")).Status);
        Assert.Equal([("node-a", AgentStatus.Active)], await host.Watch.CheckAsync(Cancellation));
    }

    [Fact]
    public async Task Agent_unseen_for_thirty_days_is_archived()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        host.Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal("archived", (string?)(await host.ReadAsync("/admin/agents"))["agents"]![0]!["status"]);
    }

    [Fact]
    public async Task Suspension_revokes_leases_and_ends_by_itself()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.Watch.CheckAsync(Cancellation);
        host.Queue.Changes.Clear();

        var answer = await host.OperateAsync("/admin/agents/node-a/suspend", new { reason = "maintenance", untilMs = host.NowMs + 30_000 });
        await agent.HeartbeatAsync();

        Assert.Equal(("suspended", "maintenance"), ((string?)answer["status"], (string?)answer["reason"]));
        Assert.Equal(("node-a", true, "agent_suspended"), host.Queue.Changes.First());
        await host.Watch.CheckAsync(Cancellation);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([("node-a", AgentStatus.Active)], await host.Watch.CheckAsync(Cancellation));
    }

    [Fact]
    public async Task Ban_revokes_leases_at_the_next_round()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        await host.Watch.CheckAsync(Cancellation);
        host.Queue.Changes.Clear();
        await RegistrationTests.BanAsync(host, "node-a");

        await host.Watch.CheckAsync(Cancellation);
        await host.Watch.CheckAsync(Cancellation);

        Assert.Equal([("node-a", true, "agent_blacklisted")], host.Queue.Changes);
    }

    [Fact]
    public async Task Withdrawal_that_nobody_acted_on_before_a_crash_is_made_good_after_the_start()
    {
        using var data = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            await host.EnrolAsync("node-a");
            await host.EnrolAsync("node-b");
            await RegistrationTests.BanAsync(host, "node-a");
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        await restarted.Watch.CheckAsync(Cancellation);

        Assert.Equal([("node-a", true, "agent_blacklisted")], restarted.Queue.Changes);
    }

    [Fact]
    public async Task Sightings_survive_a_restart_once_they_are_written()
    {
        using var data = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        long seenMs;
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path, time: time))
        {
            var agent = await host.EnrolAsync("node-a");
            time.Advance(TimeSpan.FromSeconds(40));
            await agent.HeartbeatAsync(body => body["activeModelParamSize"] = 7);
            seenMs = host.NowMs;
            await host.Watch.FlushAsync(Cancellation);
        }

        time.Advance(TimeSpan.FromSeconds(20));
        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path, time: time);
        var facts = (await restarted.Directory.FindAsync("node-a", false, Cancellation))!;

        Assert.Equal((AgentStatus.Active, seenMs, 7), (facts.Status, facts.LastSeenMs, facts.ModelParameters));
    }
}

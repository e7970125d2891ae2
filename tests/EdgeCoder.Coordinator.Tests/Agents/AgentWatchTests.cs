using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Tests.Enrolment;
using EdgeCoder.Hosting.Storage;

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

    [Fact]
    public async Task Timer_that_stops_writes_what_agents_last_told()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.Watch.StartAsync(Cancellation);
        await agent.HeartbeatAsync(body => body["activeModel"] = "last-words");

        await host.Watch.StopAsync(Cancellation);

        Assert.Contains("active_model=last-words", await host.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_heartbeats_write_no_agents_row()
    {
        await using var host = await AgentHost.StartAsync();
        var rows = Enumerable.Range(0, 10_000).Select(i => new AgentRow
        {
            AgentId = $"node-{i:D5}", PublicKeyPem = "", PublicKeySha256 = $"{i}", KeyId = "k", OwnerAccountId = "owner-1", RewardAccountId = "owner-1", EnrolledBy = "table", Approved = true, Os = "linux",
            ProgramVersion = "1", Mode = "swarm-only", ClientType = "edgecoder-native", LocalModelProvider = "edgecoder-local", MaxConcurrentTasks = 1, SandboxMode = "namespaces", Integrity = "verified",
            BoundAtMs = host.NowMs, UpdatedAtMs = host.NowMs,
        }).ToArray();
        await host.Get<IStoreWriter>().WriteAsync(
            batch =>
            {
                Array.ForEach(rows, batch.Insert);
                return true;
            },
            Cancellation);
        var heartbeats = host.Get<Heartbeats>();
        await heartbeats.TakeAsync(new() { AgentId = rows[0].AgentId, Leases = [] }, Cancellation);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        foreach (var row in rows)
        {
            Assert.True((await heartbeats.TakeAsync(new() { AgentId = row.AgentId, Leases = [], BusySlots = 1 }, Cancellation)).Ok);
        }

        var taken = watch.Elapsed;
        watch.Restart();
        await host.Watch.FlushAsync(Cancellation);
        var written = watch.Elapsed;
        watch.Restart();
        Assert.All(await host.Directory.AllAsync(Cancellation), a => Assert.Equal(AgentStatus.Active, a.Status));
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant($"10,000 heartbeats {taken.TotalMilliseconds:F0} ms, written {written.TotalMilliseconds:F0} ms, listed {watch.Elapsed.TotalMilliseconds:F0} ms"));
        Assert.DoesNotContain("revision=2", await host.DumpAsync(), StringComparison.Ordinal);
    }
}

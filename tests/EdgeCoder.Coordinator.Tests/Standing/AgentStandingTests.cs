using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Coordinator.Tests.Enrolment;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Standing;

/// <summary>CV, faults, strikes, quarantine (coordinator-and-mesh 5.3, 5.4; economy-and-ledger 15).</summary>
public sealed class AgentStandingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accepted_attempts_count_up_and_a_fault_starts_anew()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");

        await RunAsync(host, (s, b, now) => s.Accepted(b, "node-a", now));
        await RunAsync(host, (s, b, now) => s.Accepted(b, "node-a", now));
        Assert.Equal(2, (await FactsAsync(host)).Cv);
        await RunAsync(host, (s, b, now) => s.Fault(b, "node-a", "check_failed", false, now));

        Assert.Equal((0, AgentStatus.Active), ((await FactsAsync(host)).Cv, (await FactsAsync(host)).Status));
    }

    [Fact]
    public async Task Third_strike_within_an_hour_is_a_quarantine_of_seven_days()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await StrikeAsync(host);
        host.Time.Advance(TimeSpan.FromMinutes(30));
        await StrikeAsync(host);
        Assert.Equal(AgentStatus.Offline, (await FactsAsync(host)).Status);
        host.Time.Advance(TimeSpan.FromMinutes(29));
        await StrikeAsync(host);

        var told = await agent.HeartbeatAsync();
        Assert.Equal(("quarantined", "protected_file_changed"), ((string?)told.Body!["status"], told.Reason));
        Assert.Equal("quarantined", AgentGate.BlockOf(await FactsAsync(host))!.Reason);
        host.Time.Advance(TimeSpan.FromDays(7));
        Assert.Equal("active", (string?)(await agent.HeartbeatAsync()).Body!["status"]);
    }

    [Fact]
    public async Task Strikes_of_more_than_an_hour_ago_do_not_count()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        await StrikeAsync(host);
        await StrikeAsync(host);
        host.Time.Advance(TimeSpan.FromMinutes(60));
        await StrikeAsync(host);

        Assert.NotEqual(AgentStatus.Quarantined, (await FactsAsync(host)).Status);
        Assert.Equal(1, (int)(await host.ReadAsync("/admin/agents/node-a/behavior"))["strikeCount"]!);
    }

    [Fact]
    public async Task Strikes_are_counted_across_a_restart()
    {
        using var data = new TemporaryDirectory();
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            await host.EnrolAsync("node-a");
            await StrikeAsync(host);
            await StrikeAsync(host);
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        await StrikeAsync(restarted);

        Assert.Equal(AgentStatus.Quarantined, (await FactsAsync(restarted)).Status);
    }

    [Fact]
    public async Task Operator_who_looked_releases_and_the_old_strikes_count_no_more()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        await StrikeAsync(host);
        await StrikeAsync(host);
        await StrikeAsync(host);
        host.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("active", (string?)(await host.OperateAsync("/admin/agents/node-a/resume", new { }))["status"]);
        await StrikeAsync(host);
        Assert.Equal(AgentStatus.Active, (await FactsAsync(host)).Status);
        var behavior = await host.ReadAsync("/admin/agents/node-a/behavior");
        Assert.Equal((1, 4), ((int)behavior["strikeCount"]!, behavior["anomalies"]!.AsArray().Count));
    }

    [Fact]
    public async Task Agent_of_a_peer_has_no_standing_here_and_breaks_nothing()
    {
        await using var host = await AgentHost.StartAsync();

        await RunAsync(host, (s, b, now) => s.Accepted(b, "of-a-peer", now));
        await RunAsync(host, (s, b, now) => s.Fault(b, "of-a-peer", "check_failed", true, now));

        Assert.Null(await host.Directory.FindAsync("of-a-peer", false, Cancellation));
    }

    [Fact]
    public async Task Transaction_that_grants_a_lease_sees_every_state_that_forbids_it()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a", approved: false);
        Assert.False(await MayLeaseAsync(host));
        await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true });
        Assert.True(await MayLeaseAsync(host));
        await host.OperateAsync("/admin/agents/node-a/drain", new { draining = true });
        Assert.False(await MayLeaseAsync(host));
        await host.OperateAsync("/admin/agents/node-a/drain", new { draining = false });
        await host.OperateAsync("/admin/agents/node-a/suspend", new { reason = "x", untilMs = host.NowMs + 1_000 });
        Assert.False(await MayLeaseAsync(host));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await MayLeaseAsync(host));
        await RegistrationTests.BanAsync(host, "node-a");
        Assert.False(await MayLeaseAsync(host));
    }

    private static Task<bool> MayLeaseAsync(AgentHost host) => host.Get<IStoreWriter>().WriteAsync(batch => AgentStanding.MayLease(batch, "node-a", host.NowMs), Cancellation);

    private static Task StrikeAsync(AgentHost host) => RunAsync(host, (s, b, now) => s.Fault(b, "node-a", "protected_file_changed", true, now));

    private static Task RunAsync(AgentHost host, Action<AgentStanding, IStoreBatch, long> change) => host.Get<IStoreWriter>().WriteAsync(
        batch =>
        {
            change(host.Get<AgentStanding>(), batch, host.NowMs);
            return true;
        },
        Cancellation);

    private static async Task<AgentFacts> FactsAsync(AgentHost host) => (await host.Directory.FindAsync("node-a", false, Cancellation))!;
}

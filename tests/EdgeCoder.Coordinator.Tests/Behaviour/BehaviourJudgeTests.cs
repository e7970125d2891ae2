using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Coordinator.Tests.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Behaviour;

/// <summary>Strikes of behaviour in rows: once per new fact, at most once in 15 minutes, over restarts (economy-and-ledger 15; F25).</summary>
public sealed class BehaviourJudgeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fact_strikes_once_and_a_new_one_only_after_fifteen_minutes()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        await GapAsync(host);

        Assert.Equal(["BHV006"], (await LookAsync(host)).New.Select(f => f.RuleId));
        host.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.Empty((await LookAsync(host)).New);
        await GapAsync(host);
        Assert.Equal(["BHV006"], (await LookAsync(host)).New.Select(f => f.RuleId));
        host.Time.Advance(TimeSpan.FromMinutes(14));
        await GapAsync(host);
        Assert.Empty((await LookAsync(host)).New);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single((await LookAsync(host)).New);
    }

    [Fact]
    public async Task Third_strike_quarantines_over_a_restart_with_the_rule_and_its_figures_and_an_operator_releases()
    {
        using var data = new TemporaryDirectory();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path, time: time))
        {
            await host.EnrolAsync("node-a");
            await KeysAsync(host, 10);
            await GapAsync(host);
            Assert.Equal((2, false), Of(await LookAsync(host)));
        }

        time.Advance(TimeSpan.FromMinutes(16));
        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path, time: time);
        Assert.Equal((0, false), Of(await LookAsync(restarted)));
        await GapAsync(restarted);
        await restarted.Get<BehaviourWatch>().LookAsync(Cancellation);

        var facts = (await restarted.Directory.FindAsync("node-a", false, Cancellation))!;
        Assert.Equal((AgentStatus.Quarantined, "BHV006 Silent with a lease: no heartbeat for 360 s"), (facts.Status, facts.StatusReason));
        Assert.Equal("quarantined", AgentGate.BlockOf(facts)!.Reason);
        Assert.Contains(("node-a", false, "quarantined"), restarted.Queue.Changes);
        var behavior = await restarted.ReadAsync("/admin/agents/node-a/behavior");
        Assert.Equal((3, 360_000), ((int)behavior["strikeCount"]!, (int)behavior["stats"]!["heartbeatGapMaxMs"]!));

        time.Advance(TimeSpan.FromMilliseconds(1));
        await restarted.OperateAsync("/admin/agents/node-a/resume", new { });
        time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal((0, false), Of(await LookAsync(restarted)));
    }

    [Fact]
    public async Task Worker_that_registers_pulls_and_beats_all_the_time_has_no_finding()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        for (var minute = 0; minute < 60; minute++)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await agent.RegisterAsync();
            await agent.HeartbeatAsync();
            await host.Get<BehaviourWatch>().LookAsync(Cancellation);
        }

        Assert.Equal(0, (int)(await host.ReadAsync("/admin/agents/node-a/behavior"))["strikeCount"]!);
        Assert.Equal(AgentStatus.Active, (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status);
    }

    [Fact]
    public async Task Silence_with_a_lease_and_ever_new_keys_are_seen_in_the_agents_own_requests()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.Get<IStoreWriter>().WriteAsync(
            batch => batch.TryInsert(BlankRow.Of<TaskRow>(task => (task.TaskId, task.AccountId) = ("task-1", "somebody-else")))
                && batch.TryInsert(BlankRow.Of<LeaseRow>(lease => (lease.LeaseId, lease.TaskId, lease.AgentId, lease.OwnerAccountId, lease.GrantedAtMs, lease.DeadlineMs) = ("lease-1", "task-1", "node-a", "owner-1", host.NowMs, host.NowMs + 3_600_000))),
            Cancellation);
        await agent.HeartbeatAsync();
        host.Time.Advance(TimeSpan.FromMinutes(6));
        await agent.HeartbeatAsync();
        var asleep = await LookAsync(host);
        Assert.Equal(["BHV006"], asleep.New.Select(f => f.RuleId));
        Assert.False(asleep.Quarantined);

        // With the first one these are ten bindings.
        for (var n = 0; n < 9; n++)
        {
            agent.Key = SigningKey.Generate();
            agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a", ownerAccountId = "owner-1" }))["registrationToken"];
            Assert.Equal(200, (await agent.RegisterAsync()).Status);
        }

        Assert.Equal(["BHV008"], (await LookAsync(host)).New.Select(f => f.RuleId));
        var events = (await host.ReadAsync("/security/events"))["events"]!.AsArray().Select(e => (string?)e!["event"]).ToList();
        Assert.Equal((2, 9), (events.Count(e => e == "behavioral_anomaly_detected"), events.Count(e => e == "key_rotation")));
    }

    [Fact]
    public async Task Silence_without_a_lease_is_no_fact()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await agent.HeartbeatAsync();
        host.Time.Advance(TimeSpan.FromMinutes(6));
        await agent.HeartbeatAsync();

        Assert.Empty((await LookAsync(host)).New);
    }

    private static (int, bool) Of((IReadOnlyList<BehaviourFinding> New, bool Quarantined) seen) => (seen.New.Count, seen.Quarantined);

    private static Task<(IReadOnlyList<BehaviourFinding> New, bool Quarantined)> LookAsync(AgentHost host) =>
        host.Get<IStoreWriter>().WriteAsync(batch => host.Get<BehaviourJudge>().Look(batch, "node-a", host.NowMs), Cancellation);

    private static Task GapAsync(AgentHost host) => host.Get<IStoreWriter>().WriteAsync(
        batch => batch.TryInsert(new HeartbeatGapRow { AgentId = "node-a", AtMs = host.NowMs, GapMs = 360_000 }), Cancellation);

    private static Task KeysAsync(AgentHost host, int count) => host.Get<IStoreWriter>().WriteAsync(
        batch =>
        {
            for (var n = 0; n < count; n++)
            {
                batch.TryInsert(new AgentKeyRow { AgentId = "node-a", PublicKeySha256 = $"key-{n}", PublicKeyPem = "", BoundAtMs = host.NowMs });
            }

            return true;
        },
        Cancellation);
}

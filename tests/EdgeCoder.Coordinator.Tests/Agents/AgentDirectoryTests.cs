using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;

namespace EdgeCoder.Coordinator.Tests.Agents;

/// <summary>What is kept in memory is never older than what was committed.</summary>
public sealed class AgentDirectoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verdicts_are_seen_by_the_next_look_and_a_rolled_back_one_is_not()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        var standing = host.Get<AgentStanding>();
        var writer = host.Get<IStoreWriter>();

        await writer.WriteAsync(batch => Run(() => standing.Accepted(batch, "node-a", host.NowMs)), Cancellation);
        Assert.Equal(1, await CvAsync(host));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync<bool>(
            batch =>
            {
                standing.Accepted(batch, "node-a", host.NowMs);
                throw new InvalidOperationException();
            },
            Cancellation));
        Assert.Equal(1, await CvAsync(host));
        await writer.WriteAsync(batch => Run(() => standing.Accepted(batch, "node-a", host.NowMs)), Cancellation);
        Assert.Equal(2, await CvAsync(host));
        Assert.Equal(2, (await host.Directory.AllAsync(Cancellation)).Single().Cv);
    }

    [Fact]
    public async Task Look_between_the_change_and_its_commit_does_not_make_the_old_row_stay()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        using var changed = new ManualResetEventSlim();
        using var looked = new ManualResetEventSlim();
        var write = Task.Run(() => host.Get<IStoreWriter>().WriteAsync(
            batch =>
            {
                host.Get<AgentStanding>().Accepted(batch, "node-a", host.NowMs);
                changed.Set();
                looked.Wait(Cancellation);
                return true;
            },
            Cancellation), Cancellation);
        changed.Wait(Cancellation);

        Assert.Equal(0, await CvAsync(host));
        looked.Set();
        await write;

        Assert.Equal(1, await CvAsync(host));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Second_silo_sees_what_the_first_decides(StoreKind kind)
    {
        using var data = new TemporaryDirectory();
        var store = kind is StoreKind.Sqlite ? StoreSettings.From(null, data.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        await using var first = await AgentHost.StartAsync(new() { SharedStore = true }, store: store);
        await using var second = await AgentHost.StartAsync(new() { SharedStore = true }, store: store, time: first.Time);
        var agent = await first.EnrolAsync("node-a");
        var elsewhere = new TestAgent(second, "node-a", agent.Key);
        Assert.Equal("active", (string?)(await elsewhere.HeartbeatAsync()).Body!["status"]);

        await first.OperateAsync("/admin/agents/node-a/suspend", new { reason = "maintenance" });
        Assert.Equal("suspended", (string?)(await elsewhere.HeartbeatAsync()).Body!["status"]);
        await first.OperateAsync("/admin/coordinator/pause", new { paused = true, reason = "update" });
        first.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await second.Get<CoordinatorSwitches>().PauseAsync(Cancellation)).Paused);

        // The old key is void on every silo from the commit of the rotation on.
        await first.OperateAsync("/admin/agents/node-a/resume", new { });
        var token = (string?)(await first.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a", ownerAccountId = "owner-1" }))["registrationToken"];
        Assert.Equal(200, (await new TestAgent(first, "node-a", SigningKey.Generate()) { Token = token }.RegisterAsync()).Status);
        Assert.Equal(401, (await elsewhere.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task Agent_submits_for_its_owner_only_while_it_is_approved()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a", approved: false);
        IAgentKeys keys = host.Directory;

        Assert.Empty(await keys.AccountsAsync("node-a", Cancellation));
        Assert.Empty(await keys.AccountsAsync("node-x", Cancellation));
        await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true });
        Assert.Equal(["owner-1"], await keys.AccountsAsync("node-a", Cancellation));
    }

    private static async Task<int> CvAsync(AgentHost host) => (await host.Directory.FindAsync("node-a", false, Cancellation))!.Cv;

    private static bool Run(Action action)
    {
        action();
        return true;
    }
}

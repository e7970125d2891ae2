using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Operators;

public sealed class OperatorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approval_lets_an_agent_work_and_its_withdrawal_revokes_its_leases()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a", approved: false);

        Assert.Equal("active", (string?)(await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true }))["status"]);
        await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true });
        Assert.Equal([("node-a", false, "approved")], host.Queue.Changes);
        host.Queue.Changes.Clear();

        Assert.Equal("pending_approval", (string?)(await host.OperateAsync("/admin/agents/node-a/approval", new { approved = false, reason = "sold" }))["status"]);
        Assert.Equal([("node-a", true, "approval_withdrawn")], host.Queue.Changes);
        var told = await agent.HeartbeatAsync();
        Assert.Equal(("pending_approval", "sold"), ((string?)told.Body!["status"], told.Reason));
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(await host.DumpAsync(), "event_type=node_approval"));
    }

    [Fact]
    public async Task Sightings_of_the_time_before_approval_are_kept_and_written_after_it()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a", approved: false);
        await agent.HeartbeatAsync(body => body["activeModel"] = "m");
        await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true });

        await host.Watch.FlushAsync(Cancellation);

        Assert.Contains("active_model=m", await host.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draining_and_resuming_are_told_by_the_list()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");

        await host.OperateAsync("/admin/agents/node-a/drain", new { draining = true });
        var drained = (await host.ReadAsync("/admin/agents"))["agents"]![0]!;
        Assert.Equal(("draining", false, "agent_draining"), ((string?)drained["status"], (bool)drained["canLease"]!, (string?)drained["rule"]));
        Assert.NotEmpty((string?)drained["message"] ?? "");
        await host.OperateAsync("/admin/agents/node-a/resume", new { });
        var active = (await host.ReadAsync("/admin/agents"))["agents"]![0]!;
        Assert.Equal(("active", true, null), ((string?)active["status"], (bool)active["canLease"]!, (string?)active["rule"]));
        Assert.Equal(("owner-1", 2, "namespaces"), ((string?)active["ownerAccountId"], (int)active["maxConcurrentTasks"]!, (string?)active["sandboxMode"]));
    }

    [Fact]
    public async Task Pause_is_stored_named_by_the_list_and_survives_a_restart()
    {
        using var data = new TemporaryDirectory();
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            await host.EnrolAsync("node-a");
            host.Queue.Changes.Clear();
            await host.OperateAsync("/admin/coordinator/pause", new { paused = true, reason = "update" });
            Assert.Equal([("node-a", false, "coordinator_paused")], host.Queue.Changes);
            Assert.Equal("coordinator_paused", (string?)(await host.ReadAsync("/admin/agents"))["agents"]![0]!["rule"]);
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        Assert.Equal(new(true, "update"), await restarted.Get<CoordinatorSwitches>().PauseAsync(Cancellation));
        Assert.True(await restarted.Get<IStoreWriter>().WriteAsync(CoordinatorSwitches.IsPaused, Cancellation));
        await restarted.OperateAsync("/admin/coordinator/pause", new { paused = false });
        Assert.Equal(new(false, null), await restarted.Get<CoordinatorSwitches>().PauseAsync(Cancellation));
        Assert.False(await restarted.Get<IStoreWriter>().WriteAsync(CoordinatorSwitches.IsPaused, Cancellation));
    }

    [Fact]
    public async Task Policy_of_fleet_and_agent_reaches_agent_and_facts()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");

        await host.OperateAsync("/admin/policy", new { idleOnly = true, maxConcurrentTasks = 1 });
        await host.OperateAsync("/admin/agents/node-a/policy", new { idleOnly = false, allowedHours = new { startHourUtc = 22, endHourUtc = 6 } });

        var facts = (await host.Directory.FindAsync("node-a", false, Cancellation))!;
        Assert.Equal(new(false, 1, 22, 6), facts.Policy);
        var told = (await agent.HeartbeatAsync()).Body!["policy"]!;
        Assert.Equal((1, 22), ((int)told["maxConcurrentTasks"]!, (int)told["allowedHours"]!["startHourUtc"]!));
        Assert.Equal("policy", (string?)(await host.ReadAsync("/admin/agents"))["agents"]![0]!["rule"]);
    }

    [Theory]
    [InlineData("approval", "{}")]
    [InlineData("suspend", "{}")]
    [InlineData("suspend", """{"reason":""}""")]
    [InlineData("suspend", """{"reason":"x","untilMs":1}""")]
    [InlineData("drain", "{}")]
    [InlineData("keep", "{}")]
    [InlineData("policy", """{"allowedHours":{"startHourUtc":24,"endHourUtc":0}}""")]
    [InlineData("policy", """{"cpuCapPercent":0}""")]
    public async Task Order_that_is_not_complete_is_refused(string route, string body)
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        var answer = await host.SendAsync(HttpMethod.Post, $"/admin/agents/node-a/{route}", body, ("x-admin-token", AgentHost.AdminToken));

        Assert.Equal((400, "validation_failed"), (answer.Status, answer.Error));
        Assert.Equal(before, await host.DumpAsync());
    }

    [Theory]
    [InlineData("approval", """{"approved":true}""")]
    [InlineData("suspend", """{"reason":"x"}""")]
    [InlineData("resume", "{}")]
    [InlineData("drain", """{"draining":true}""")]
    [InlineData("keep", """{"reason":"x"}""")]
    [InlineData("policy", "{}")]
    public async Task Agent_that_is_not_here_is_404(string route, string body)
    {
        await using var host = await AgentHost.StartAsync();

        var answer = await host.SendAsync(HttpMethod.Post, $"/admin/agents/node-x/{route}", body, ("x-admin-token", AgentHost.AdminToken));

        Assert.Equal((404, "agent_not_found"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Only_a_quarantine_is_kept()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");

        var answer = await host.SendAsync(HttpMethod.Post, "/admin/agents/node-a/keep", """{"reason":"x"}""", ("x-admin-token", AgentHost.AdminToken));

        Assert.Equal((409, "not_quarantined"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Without_an_operators_credential_nothing_is_done()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        foreach (var (path, body) in new[]
        {
            ("/admin/agents/node-a/approval", """{"approved":false}"""), ("/admin/agents/node-a/suspend", """{"reason":"x"}"""), ("/admin/agents/node-a/drain", """{"draining":true}"""),
            ("/admin/coordinator/pause", """{"paused":true}"""), ("/admin/policy", """{"idleOnly":true}"""), ("/admin/nodes/enroll", "{}"), ("/agents/node-a/policy", "{}"), ("/nodes/notify", """{"nodeId":"node-a"}"""),
        })
        {
            Assert.Equal(401, (await host.SendAsync(HttpMethod.Post, path, body)).Status);
            Assert.Equal(401, (await host.SendAsync(HttpMethod.Post, path, body, ("x-admin-token", "wrong-token-of-equal-length-0123456"))).Status);
        }

        Assert.Equal(401, (await host.SendAsync(HttpMethod.Post, "/admin/nodes/enroll", "{}", ("x-mesh-token", AgentHost.MeshToken))).Status);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task List_comes_in_pages()
    {
        await using var host = await AgentHost.StartAsync();
        foreach (var id in new[] { "node-c", "node-a", "node-b" })
        {
            await host.EnrolAsync(id);
        }

        var first = await host.ReadAsync("/admin/agents?limit=2");
        var second = await host.ReadAsync("/admin/agents?limit=2&cursor=" + (string?)first["nextCursor"]);

        Assert.Equal(["node-a", "node-b"], first["agents"]!.AsArray().Select(a => (string?)a!["agentId"]));
        Assert.Equal(["node-c"], second["agents"]!.AsArray().Select(a => (string?)a!["agentId"]));
        Assert.Null(second["nextCursor"]);
    }
}

using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Coordinator.Tests.Enrolment;

namespace EdgeCoder.Coordinator.Tests.Status;

public sealed class StatusTests
{
    [Fact]
    public async Task Capacity_counts_active_agents_and_holds_no_token_or_address()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.EnrolAsync("node-b", approved: false);
        await host.EnrolAsync("node-c");
        await RegistrationTests.BanAsync(host, "node-c");

        var capacity = await host.ReadAsync("/capacity");

        Assert.Equal((1, 2, 1), ((int)capacity["totals"]!["agentsConnected"]!, (int)capacity["totals"]!["totalCapacity"]!, (int)capacity["totals"]!["blacklistedAgents"]!));
        Assert.Equal(["node-a", "node-b", "node-c"], capacity["agents"]!.AsArray().Select(a => (string?)a!["agentId"]));
        Assert.True((bool)capacity["agents"]![2]!["blacklisted"]!);
        var text = capacity.ToJsonString();
        Assert.DoesNotContain(agent.Token!, text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        foreach (var name in new[] { "token", "email", "sourceIp", "address", "countryCode" })
        {
            Assert.DoesNotContain(name, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Status_and_features_are_for_operators_and_tools()
    {
        await using var host = await AgentHost.StartAsync(new() { NetworkMode = "enterprise_overlay" });
        await host.EnrolAsync("node-a");

        Assert.Equal("""{"queued":0,"agents":1,"results":0}""", (await host.SendAsync(HttpMethod.Get, "/status", null, ("x-mesh-token", AgentHost.MeshToken))).Text);
        Assert.Equal("""{"public_mesh":false,"enterprise_overlay":true}""", (await host.SendAsync(HttpMethod.Get, "/features", null, ("x-admin-token", AgentHost.AdminToken))).Text);
        Assert.Equal(401, (await host.SendAsync(HttpMethod.Get, "/status", null)).Status);
        Assert.Equal(401, (await host.SendAsync(HttpMethod.Get, "/features", null)).Status);
    }

    [Fact]
    public async Task Status_names_what_is_not_ready_yet_until_it_is()
    {
        await using var host = await AgentHost.StartAsync();
        using (host.Get<StartProgress>().Begin("the sandbox is being tested"))
        {
            Assert.Equal("""{"queued":0,"agents":0,"results":0,"notReady":["the sandbox is being tested"]}""", (await StatusAsync()).Text);
        }

        Assert.Equal("""{"queued":0,"agents":0,"results":0}""", (await StatusAsync()).Text);

        Task<Reply> StatusAsync() => host.SendAsync(HttpMethod.Get, "/status", null, ("x-mesh-token", AgentHost.MeshToken));
    }

    [Fact]
    public async Task Health_tells_anyone_that_it_runs_and_operators_where_the_model_server_is()
    {
        await using var host = await AgentHost.StartAsync(new() { OllamaUrl = new("http://127.0.0.1:1") });

        var open = await host.SendAsync(HttpMethod.Get, "/health/runtime", null);
        var operators = await host.ReadAsync("/health/runtime");

        Assert.Equal("""{"ok":true,"coordinator":{"provider":"none","queued":0,"agents":0,"results":0},"ollama":{"expectedProvider":"ollama-local","reachable":false,"modelCount":0}}""", open.Text);
        Assert.Equal("127.0.0.1:1", (string?)operators["ollama"]!["host"]);
        Assert.NotNull(operators["ollama"]!["error"]);
    }
}

using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Tests.Agents;

namespace EdgeCoder.Coordinator.Tests.Diagnostics;

public sealed class DiagnosticsTests
{
    [Fact]
    public async Task Newest_two_hundred_events_are_kept_and_shown_newest_first()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        for (var i = 0; i < 6; i++)
        {
            var events = new JsonArray([.. Enumerable.Range(0, 40).Select(n => new JsonObject { ["eventAtMs"] = (i * 40) + n, ["message"] = $"event {(i * 40) + n}" })]);
            var stored = await agent.PostAsync("/agent/diagnostics", new JsonObject { ["agentId"] = "node-a", ["events"] = events, ["source"] = "worker" });
            Assert.Equal("""{"ok":true,"stored":40}""", stored.Text);
        }

        var read = (await agent.GetAsync("/agent/diagnostics/node-a")).Body!;

        Assert.Equal((200, 239), ((int)read["count"]!, (int)read["latestEventAtMs"]!));
        Assert.Equal(Enumerable.Range(40, 200).Reverse(), read["events"]!.AsArray().Select(e => (int)e!["eventAtMs"]!));
        Assert.Equal(200, (int)(await host.ReadAsync("/agent/diagnostics/node-a"))["count"]!);
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Get, "/agent/diagnostics/node-a", null, ("x-portal-service-token", AgentHost.PortalToken))).Status);
    }

    [Theory]
    [InlineData("""{"agentId":"node-a","events":[]}""")]
    [InlineData("""{"agentId":"node-a"}""")]
    [InlineData("""{"agentId":"node-a","events":[null]}""")]
    [InlineData("""{"agentId":"node-a","events":[{"message":""}]}""")]
    [InlineData("""{"agentId":"node-a","events":[{"message":"x","eventAtMs":-1}]}""")]
    public async Task Event_out_of_its_limits_is_refused(string body)
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");

        Assert.Equal((400, "validation_failed"), await Of(agent.PostAsync("/agent/diagnostics", JsonNode.Parse(body)!)));
        Assert.Equal((404, "agent_not_found"), await Of(host.SendAsync(HttpMethod.Get, "/agent/diagnostics/node-x", null, ("x-admin-token", AgentHost.AdminToken))));
    }

    private static async Task<(int, string?)> Of(Task<Reply> answer) => ((await answer).Status, (await answer).Error);
}

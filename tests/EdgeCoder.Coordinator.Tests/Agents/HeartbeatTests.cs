using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Tests.Enrolment;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;

namespace EdgeCoder.Coordinator.Tests.Agents;

/// <summary>Heartbeats (coordinator-and-mesh 3.2).</summary>
public sealed class HeartbeatTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_has_every_member_of_the_protocol()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        host.Queue.Leases["lease-1"] = new("lease-1", host.NowMs + 60_000, "held");
        host.Queue.Requeued = 3;

        var answer = await agent.HeartbeatAsync(body => body["leases"] = new JsonArray(new JsonObject { ["leaseId"] = "lease-1", ["step"] = 2 }, new JsonObject { ["leaseId"] = "other" }));

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            ["blacklist", "directWorkOffers", "enrolment", "leases", "networkMode", "ok", "policy", "requeued", "status", "tunnelCloseNotices", "tunnelInvites"],
            answer.Body!.AsObject().Select(m => m.Key).Where(k => k != "reason").Order(StringComparer.Ordinal));
        Assert.Equal(("active", 3, "public_mesh"), ((string?)answer.Body["status"], (int)answer.Body["requeued"]!, (string?)answer.Body["networkMode"]));
        Assert.Equal(["held", "unknown"], answer.Body["leases"]!.AsArray().Select(l => (string?)l!["state"]));
        Assert.Equal("""{"version":0,"agents":[]}""", answer.Body["blacklist"]!.ToJsonString());
    }

    [Fact]
    public async Task Enrolment_statement_is_signed_by_the_coordinator_for_seven_days_and_kept()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");

        var text = (string)(await agent.HeartbeatAsync()).Body!["enrolment"]!;
        host.Time.Advance(TimeSpan.FromSeconds(15));
        var again = (string)(await agent.HeartbeatAsync()).Body!["enrolment"]!;
        host.Time.Advance(TimeSpan.FromHours(25));
        var nextDay = (string)(await agent.HeartbeatAsync()).Body!["enrolment"]!;

        var signed = Convert.FromBase64String(text);
        Assert.Null(SignedDocument.Verify(DocumentContexts.Enrolment, signed, host.Identity.Key.PublicKey));
        var statement = JsonSerializer.Deserialize(signed, MeshJson.Default.EnrolmentStatement)!;
        Assert.Equal(("node-a", agent.Key.PublicKey.SpkiSha256, "owner-1", "active"), (statement.AgentId, statement.PublicKeySha256, statement.OwnerAccountId, statement.Status));
        Assert.Equal(7L * 86_400_000, statement.ExpiresAtMs - statement.IssuedAtMs);
        Assert.Equal(text, again);
        Assert.NotEqual(text, nextDay);
    }

    [Fact]
    public async Task Absent_members_keep_the_stored_value()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await agent.HeartbeatAsync(body =>
        {
            body["activeModel"] = "qwen3.5:9b";
            body["activeModelParamSize"] = 9_000_000_000;
            body["powerTelemetry"] = new JsonObject { ["onACPower"] = false, ["batteryPct"] = 30 };
            body["sandboxMode"] = "landlock";
        });

        await agent.HeartbeatAsync();

        var facts = (await host.Directory.FindAsync("node-a", false, Cancellation))!;
        Assert.Equal((9_000_000_000, "laptop_battery_low", "landlock", true), (facts.ModelParameters, facts.Power.Reason, facts.SandboxMode, facts.Power.SmallTasksOnly));
        Assert.Equal(["qwen3.5:9b"], facts.Models);
    }

    [Fact]
    public async Task Proven_models_of_a_heartbeat_replace_the_registered_ones_and_survive_a_restart()
    {
        using var data = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            var agent = await host.EnrolAsync("node-a");
            await agent.HeartbeatAsync(body => body["models"] = new JsonArray(
                new JsonObject { ["modelId"] = "a", ["provenContext"] = 8192 }, new JsonObject { ["modelId"] = "unproven" }));
            await agent.HeartbeatAsync(body =>
            {
                body["activeModel"] = "b";
                body["provenContext"] = 2048;
                body["modelDigest"] = "digest-b";
            });
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        Assert.Equal(["a", "b"], (await restarted.Directory.FindAsync("node-a", false, Cancellation))!.Models);
    }

    [Fact]
    public async Task Change_that_matters_wakes_the_parked_pull_and_an_equal_heartbeat_does_not()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await agent.HeartbeatAsync(body => body["powerTelemetry"] = new JsonObject { ["onACPower"] = false, ["batteryPct"] = 3 });
        host.Queue.Changes.Clear();

        await agent.HeartbeatAsync(body => body["powerTelemetry"] = new JsonObject { ["onACPower"] = false, ["batteryPct"] = 3 });
        Assert.Empty(host.Queue.Changes);

        await agent.HeartbeatAsync(body => body["powerTelemetry"] = new JsonObject { ["onACPower"] = true, ["batteryPct"] = 3 });
        Assert.Equal([("node-a", false, "heartbeat")], host.Queue.Changes);
    }

    [Fact]
    public async Task Banned_agent_is_told_so_and_nothing_else_until_the_ban_ends()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await RegistrationTests.BanAsync(host, "node-a", host.NowMs + 60_000);

        var answer = await agent.HeartbeatAsync();

        Assert.Equal("""{"ok":false,"blacklisted":true,"reason":"manual_review","blacklistVersion":1}""", answer.Body!.ToJsonString());
        Assert.Empty(host.Queue.Extended);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((bool)(await agent.HeartbeatAsync()).Body!["ok"]!);
    }

    [Fact]
    public async Task Others_are_told_whom_to_refuse()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        var other = await host.EnrolAsync("node-b");
        var ban = await RegistrationTests.BanAsync(host, "node-a");

        Assert.Equal("""{"version":1,"agents":["node-a"]}""", (await other.HeartbeatAsync()).Body!["blacklist"]!.ToJsonString());
        await host.OperateAsync($"/security/blacklist/{ban}/revoke", new { reason = "by a test" });
        Assert.Equal("""{"version":2,"agents":[]}""", (await other.HeartbeatAsync()).Body!["blacklist"]!.ToJsonString());
    }

    [Fact]
    public async Task Nothing_that_an_agent_without_approval_sends_is_stored()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a", approved: false);
        var before = await host.DumpAsync();

        var answer = await agent.HeartbeatAsync(body =>
        {
            body["activeModel"] = "m";
            body["sandboxMode"] = "vm";
            body["models"] = new JsonArray(new JsonObject { ["modelId"] = "m", ["provenContext"] = 4096 });
            body["powerTelemetry"] = new JsonObject { ["batteryPct"] = 3 };
        });
        var diagnostics = await agent.PostAsync("/agent/diagnostics", new JsonObject { ["agentId"] = "node-a", ["events"] = new JsonArray(new JsonObject { ["message"] = "hello" }) });
        await host.Watch.FlushAsync(Cancellation);

        Assert.Equal((200, "pending_approval"), (answer.Status, (string?)answer.Body!["status"]));
        Assert.Equal((403, "node_not_activated"), (diagnostics.Status, diagnostics.Error));
        Assert.Equal(before, await host.DumpAsync());
        Assert.Empty(host.Queue.Extended);
    }

    [Fact]
    public async Task Nothing_that_a_stranger_or_a_foreign_signer_sends_changes_anything()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await host.EnrolAsync("node-b");
        await agent.HeartbeatAsync();
        await host.Watch.FlushAsync(Cancellation);
        var before = await host.DumpAsync();
        var stranger = host.Stranger("node-x");
        var forger = host.Stranger("node-a");
        host.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((401, "agent_not_registered"), ((await stranger.HeartbeatAsync()).Status, (await stranger.HeartbeatAsync()).Reason));
        Assert.Equal((401, "signature_mismatch"), ((await forger.HeartbeatAsync()).Status, (await forger.HeartbeatAsync()).Reason));
        Assert.Equal((401, "agent_id_mismatch"), ((await agent.PostAsync("/heartbeat", new JsonObject { ["agentId"] = "node-b" })).Status, (await agent.PostAsync("/heartbeat", new JsonObject { ["agentId"] = "node-b" })).Error));
        Assert.Equal(401, (await agent.GetAsync("/agent/diagnostics/node-b")).Status);
        Assert.Equal(400, (await agent.HeartbeatAsync(body => body["busySlots"] = -1)).Status);
        Assert.Equal(400, (await agent.HeartbeatAsync(body => body["leases"] = new JsonArray((JsonNode?)null))).Status);

        Assert.Equal(before, await host.DumpAsync());
        Assert.Null(host.Get<AgentSightings>().Of("node-x"));
    }

    [Fact]
    public async Task Comparison_of_the_whole_store_sees_what_an_approved_agent_changes()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        await agent.HeartbeatAsync();
        await host.Watch.FlushAsync(Cancellation);
        var afterHeartbeat = await host.DumpAsync();
        await agent.HeartbeatAsync(body => body["sandboxMode"] = "vm");

        Assert.NotEqual(before, afterHeartbeat);
        Assert.NotEqual(afterHeartbeat, await host.DumpAsync());
    }
}

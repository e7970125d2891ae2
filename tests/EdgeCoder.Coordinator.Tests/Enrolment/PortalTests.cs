using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Coordinator.Tests.Enrolment;

/// <summary>Enrolment by a portal (coordinator-and-mesh 3.1; portal-and-control-plane 9.3, 9.4).</summary>
public sealed class PortalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Portal_is_asked_with_its_own_credential_and_the_proven_key()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";

        var answer = await agent.RegisterAsync(body => body["deviceId"] = "device-1");

        Assert.Equal((200, "active"), (answer.Status, (string?)answer.Body!["status"]));
        var asked = portal.Requests.Single();
        Assert.Equal(("/internal/nodes/validate", "token-to-the-portal"), (asked.Path, asked.Headers["x-portal-service-token"]));
        Assert.Equal(("node-a", "agent", "token-of-the-portal", agent.Key.PublicKey.SpkiSha256, "device-1"), (Of("nodeId"), Of("nodeKind"), Of("registrationToken"), Of("publicKeySha256"), Of("deviceId")));
        Assert.Equal("acct-1", (await host.Directory.FindAsync("node-a", false, Cancellation))!.OwnerAccountId);

        string? Of(string name) => asked.Body.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData(200, "node_pending_coordinator_approval")]
    [InlineData(200, "email_unverified")]
    public async Task Waiting_node_is_bound_and_pending(int status, string reason)
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        (portal.Status, portal.Reason) = (status, reason);
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";

        Assert.Equal("pending_approval", (string?)(await agent.RegisterAsync()).Body!["status"]);
    }

    [Theory]
    [InlineData(404, "node_not_enrolled", "node_not_enrolled")]
    [InlineData(403, "node_kind_mismatch", "node_kind_mismatch")]
    [InlineData(403, "node_key_mismatch", "node_key_mismatch")]
    [InlineData(403, "registration_token_invalid", "registration_token_invalid")]
    [InlineData(403, "registration_token_expired", "registration_token_expired")]
    [InlineData(403, "registration_token_used", "registration_token_used")]
    [InlineData(200, "node_rejected", "node_rejected")]
    [InlineData(200, "node_revoked", "node_revoked")]
    [InlineData(200, "node_suspended", "node_suspended")]
    [InlineData(200, "node_inactive", "node_inactive")]
    [InlineData(401, "portal_service_token_required", "portal_validation_failed_401")]
    [InlineData(500, "ok", "portal_validation_failed_500")]
    [InlineData(200, "all_is_well", "portal_validation_failed_200")]
    [InlineData(302, "ok", "portal_validation_failed_302")]
    public async Task Anything_but_a_known_yes_refuses_with_its_reason_and_writes_nothing(int status, string reason, string told)
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        (portal.Status, portal.Reason) = (status, reason);
        var before = await host.DumpAsync();
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";

        var answer = await agent.RegisterAsync();

        Assert.Equal((403, "node_not_activated", told), (answer.Status, answer.Error, answer.Reason));
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Portal_that_is_gone_refuses_new_keys_and_lets_approved_agents_go_on()
    {
        var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";
        await agent.RegisterAsync();
        await portal.DisposeAsync();
        var stranger = host.Stranger("node-b");
        stranger.Token = "token-of-the-portal";

        Assert.Equal("portal_validation_unreachable", (await stranger.RegisterAsync()).Reason);
        await host.Get<PortalRefresh>().RefreshAsync(Cancellation);
        Assert.Equal(("active", "active"), ((string?)(await agent.RegisterAsync()).Body!["status"], (string?)(await agent.HeartbeatAsync()).Body!["status"]));
        Assert.Equal("suspended", (string?)(await host.OperateAsync("/admin/agents/node-a/suspend", new { reason = "x" }))["status"]);
    }

    [Fact]
    public async Task Portal_that_does_not_answer_in_five_seconds_counts_as_gone()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        portal.Silent = true;
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";

        var answer = agent.RegisterAsync();
        await portal.FirstRequest("/internal/nodes/validate");
        host.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("portal_validation_unreachable", (await answer).Reason);
    }

    [Fact]
    public async Task Garbage_of_a_portal_is_no_yes()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        portal.Raw = "<html>";
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";

        Assert.Equal("portal_validation_failed_200", (await agent.RegisterAsync()).Reason);
    }

    [Fact]
    public async Task Later_decision_of_the_portal_is_fetched_when_it_notifies_and_every_minute()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";
        await agent.RegisterAsync();
        host.Queue.Changes.Clear();

        portal.Active = false;
        var notified = await host.SendAsync(HttpMethod.Post, "/nodes/notify", new { nodeId = "node-a" }, ("x-portal-service-token", AgentHost.PortalToken));
        Assert.Equal((200, """{"ok":true}"""), (notified.Status, notified.Text));
        Assert.Equal([("node-a", true, "approval_withdrawn")], host.Queue.Changes);
        Assert.Equal("pending_approval", (string?)(await agent.HeartbeatAsync()).Body!["status"]);

        portal.Active = true;
        await host.Get<PortalRefresh>().RefreshAsync(Cancellation);
        Assert.Equal("active", (string?)(await agent.HeartbeatAsync()).Body!["status"]);

        portal.Knows = false;
        await host.Get<PortalRefresh>().RefreshAsync(Cancellation);
        Assert.Equal("pending_approval", (string?)(await agent.HeartbeatAsync()).Body!["status"]);
    }

    [Fact]
    public async Task Notification_alone_decides_nothing_and_embedded_workers_are_not_the_portals()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        using var key = SigningKey.Generate();
        await host.Get<Registration>().EnrolEmbeddedAsync("embedded-1", key.PublicKey.Pem, "owner-1", Cancellation);
        portal.Knows = false;
        var before = await host.DumpAsync();

        foreach (var id in new[] { "embedded-1", "node-x" })
        {
            await host.SendAsync(HttpMethod.Post, "/nodes/notify", new { nodeId = id }, ("x-portal-service-token", AgentHost.PortalToken));
        }

        await host.Get<PortalRefresh>().RefreshAsync(Cancellation);
        Assert.Equal(before, await host.DumpAsync());
        Assert.Empty(portal.Requests);
    }

    [Fact]
    public async Task With_a_portal_the_coordinator_neither_enrols_nor_approves()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        var agent = host.Stranger("node-a");
        agent.Token = "token-of-the-portal";
        await agent.RegisterAsync();

        var approval = await host.SendAsync(HttpMethod.Post, "/admin/agents/node-a/approval", new { approved = false }, ("x-admin-token", AgentHost.AdminToken));
        var enrolment = await host.SendAsync(HttpMethod.Post, "/admin/nodes/enroll", new { nodeId = "node-b" }, ("x-admin-token", AgentHost.AdminToken));

        Assert.Equal((409, "approval_by_portal", 409, "enrolment_by_portal"), (approval.Status, approval.Error, enrolment.Status, enrolment.Error));
    }

    [Fact]
    public async Task Replaced_key_does_not_come_back_through_the_portals_repeated_yes()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await StartAsync(portal);
        var agent = host.Stranger("node-a");
        agent.Token = "token-1-of-the-portal";
        await agent.RegisterAsync();
        var first = new TestAgent(host, "node-a", agent.Key) { Token = agent.Token };
        agent.Key = SigningKey.Generate();
        agent.Token = "token-2-of-the-portal";
        Assert.Equal(200, (await agent.RegisterAsync()).Status);

        Assert.Equal((409, "agent_key_mismatch"), ((await first.RegisterAsync()).Status, (await first.RegisterAsync()).Error));
    }

    [Fact]
    public async Task In_one_process_an_operator_enrols_and_approves_beside_the_portal()
    {
        await using var portal = await ScriptedPortal.StartAsync();
        await using var host = await AgentHost.StartAsync(new() { PortalUrl = portal.Address, PortalToken = "token-to-the-portal", EnrolsBesidePortal = true });
        var agent = host.Stranger("node-a");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        Assert.Equal("pending_approval", (string?)(await agent.RegisterAsync()).Body!["status"]);
        Assert.Equal("active", (string?)(await host.OperateAsync("/admin/agents/node-a/approval", new { approved = true }))["status"]);
        Assert.Empty(portal.Requests);

        // Any other token is the portal's to judge, also of a node that is in the table.
        portal.Reason = "registration_token_invalid";
        portal.Status = 403;
        agent.Key = SigningKey.Generate();
        agent.Token = "token-of-somebody-else";
        Assert.Equal("registration_token_invalid", (await agent.RegisterAsync()).Reason);
    }

    private static Task<AgentHost> StartAsync(ScriptedPortal portal) => AgentHost.StartAsync(new() { PortalUrl = portal.Address, PortalToken = "token-to-the-portal" });

    /// <summary>A portal that answers about nodes as it is told to.</summary>
    private sealed class ScriptedPortal : ScriptedServer
    {
        public int Status { get; set; } = 200;

        public string Reason { get; set; } = "ok";

        public string? Raw { get; set; }

        public bool Active { get; set; } = true;

        public bool Knows { get; set; } = true;

        public bool Silent { get; set; }

        public static async Task<ScriptedPortal> StartAsync()
        {
            var portal = new ScriptedPortal();
            await portal.ListenAsync();
            return portal;
        }

        protected override async Task HandleAsync(HttpContext context, ServedRequest request)
        {
            if (Silent)
            {
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
            }

            if (Raw is not null)
            {
                await WriteAsync(context, Raw);
            }
            else if (request.Path == "/internal/nodes/validate")
            {
                await JsonAsync(context, Status, new { allowed = Reason == "ok", reason = Reason, node = new { nodeId = request.Body.GetProperty("nodeId").GetString(), ownerAccountId = "acct-1" } });
            }
            else
            {
                var ids = request.Body.GetProperty("nodeIds").EnumerateArray().Select(e => e.GetString());
                await JsonAsync(context, 200, new { nodes = Knows ? ids.Select(id => new { nodeId = id, nodeKind = "agent", ownerAccountId = "acct-1", emailVerified = true, nodeApproved = Active, active = Active }).ToArray() : [] });
            }
        }
    }
}

using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Nodes;
using EdgeCoder.Portal.Roles;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Tests.Nodes;

/// <summary>Nodes over HTTP, on both databases (portal-and-control-plane 9; failure modes N1 to N12).</summary>
public abstract class NodeCompliance(StoreKind kind)
{
    private const string Ann = "ann@example.org";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_is_enrolled_binds_its_key_is_approved_works_and_is_revoked()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        var (status, enrolled) = await scene.EnrolAsync(ann, "node-a", device: " Desk-1 ");
        Assert.Equal((200, "node-a", "desk-1", false), (status, enrolled.GetProperty("nodeId").GetString(), enrolled.GetProperty("deviceId").GetString(), enrolled.GetProperty("active").GetBoolean()));
        var token = enrolled.GetProperty("registrationToken").GetString()!;
        var code = JsonElement.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(enrolled.GetProperty("joinCode").GetString().AsSpan("ec1_".Length))));
        Assert.Equal((scene.Home.Address.AbsoluteUri.TrimEnd('/'), "node-a", token), (code.GetProperty("u").GetString(), code.GetProperty("n").GetString(), code.GetProperty("t").GetString()));
        Assert.Equal("node_inactive", (await scene.NodeAsync(ann, "node-a")).GetProperty("blockedReason").GetString());

        var bound = await scene.ValidateAsync("node-a", token, 'a');
        Assert.Equal((200, "node_pending_coordinator_approval", false), (bound.Status, bound.Reason, bound.Body.GetProperty("allowed").GetBoolean()));
        Assert.StartsWith("acct-", bound.Body.GetProperty("node").GetProperty("ownerAccountId").GetString(), StringComparison.Ordinal);
        Assert.Equal(("pending", "SHA256:aaaaaaaaaaaaaaaa"), (await scene.NodeAsync(ann, "node-a")) is var node ? (node.GetProperty("status").GetString(), node.GetProperty("keyFingerprint").GetString()) : default);
        Assert.Equal("node-a", (await scene.InternalAsync("GET", "/internal/nodes/pending?nodeKind=agent")).Body.GetProperty("nodes")[0].GetProperty("nodeId").GetString());

        Assert.Equal(200, (await scene.DecideAsync(root, "node-a", true)).Status);
        Assert.Equal((200, "ok"), (await scene.ValidateAsync("node-a", null, 'a')) is var works ? (works.Status, works.Reason) : default);
        Assert.Equal(200, (await scene.DecideAsync(root, "node-a", false, "It sent junk")).Status);
        Assert.Equal((200, "node_revoked"), (await scene.ValidateAsync("node-a", token, 'a')) is var gone ? (gone.Status, gone.Reason) : default);

        var actions = await scene.Portal.ReadAsync(store => store.Set<AuditLineRow>().Where(row => row.Target == "node:node-a").OrderBy(row => row.Seq).Select(row => row.Action).ToListAsync(Cancellation));
        Assert.Equal(["node.enrolled", "node.key_bound", "node.approved", "node.refused"], actions);
    }

    [Fact]
    public async Task Of_the_token_only_its_hash_is_kept_and_no_answer_has_it_again()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var ann = await scene.Portal.PersonAsync(Ann);
        var token = await scene.TokenAsync(ann, "node-a");
        Assert.Matches("^[0-9a-f]{64}$", token);
        var row = await scene.Portal.ReadAsync(store => store.Set<NodeRow>().SingleAsync(Cancellation));
        Assert.Equal(SecretDigest.Hex(token), row.TokenSha256);
        await scene.ValidateAsync("node-a", token, 'a');
        foreach (var text in new[] { (await scene.Portal.SendAsync("GET", "/nodes/me", bearer: ann)).Body, (await scene.Portal.SendAsync("GET", "/me", bearer: ann)).Body, (await scene.InternalAsync("POST", "/internal/nodes/lookup", new { nodeIds = new[] { "node-a" } })).Body })
        {
            Assert.DoesNotContain(token, text.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(row.TokenSha256!, text.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(NodeScene.Key('a'), text.GetRawText(), StringComparison.Ordinal);
        }
    }

    // N1, N4.
    [Fact]
    public async Task Anothers_node_and_device_are_refused_and_nothing_changes()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, bob) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.PersonAsync("bob@example.org"));
        await scene.EnrolAsync(ann, "node-a", device: "desk-1");
        var before = await scene.Portal.ReadAsync(store => store.Set<NodeRow>().SingleAsync(Cancellation));
        Assert.Equal((409, "node_owned_by_other_user"), Told(await scene.EnrolAsync(bob, "node-a")));
        Assert.Equal((409, "device_owned_by_other_user"), Told(await scene.EnrolAsync(bob, "node-b", device: "DESK-1")));
        foreach (var action in new[] { "pause", "resume", "rotate-token" })
        {
            Assert.Equal((404, "node_not_found"), Told(await scene.Portal.SendAsync("POST", $"/nodes/node-a/{action}", new { }, bob)));
        }

        Assert.Equal((403, "node_delete_forbidden"), Told(await scene.Portal.SendAsync("DELETE", "/nodes/node-a", bearer: bob)));
        Assert.Equal(before, await scene.Portal.ReadAsync(store => store.Set<NodeRow>().SingleAsync(Cancellation)));
        Assert.Equal("node-a", (await scene.EnrolAsync(ann, "node-other", device: "desk-1")).Body.GetProperty("nodeId").GetString());
        foreach (var near in new[] { "desk-", "desk-11", "%%%", "_", "desk_1" })
        {
            var (status, body) = await scene.EnrolAsync(ann, "node-" + Guid.NewGuid().ToString("N")[..8], device: near);
            Assert.True(status == 400 || body.GetProperty("nodeId").GetString() != "node-a", near);
        }
    }

    // N5.
    [Fact]
    public async Task A_token_binds_one_key_once_and_in_time()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var ann = await scene.Portal.PersonAsync(Ann);
        var token = await scene.TokenAsync(ann, "node-a");
        Assert.Equal((403, "registration_token_required"), Reason(await scene.ValidateAsync("node-a", null, 'a')));
        Assert.Equal((403, "registration_token_invalid"), Reason(await scene.ValidateAsync("node-a", new string('0', 64), 'a')));
        Assert.Equal((403, "node_kind_mismatch"), Reason(await scene.ValidateAsync("node-a", token, 'a', "coordinator")));
        Assert.Equal((404, "node_not_enrolled"), Reason(await scene.ValidateAsync("node-b", token, 'a')));
        Assert.Equal((200, "node_pending_coordinator_approval"), Reason(await scene.ValidateAsync("node-a", token, 'a')));
        Assert.Equal((200, "node_pending_coordinator_approval"), Reason(await scene.ValidateAsync("node-a", token, 'a')));
        Assert.Equal((403, "registration_token_used"), Reason(await scene.ValidateAsync("node-a", token, 'b')));
        Assert.Equal((403, "node_key_mismatch"), Reason(await scene.ValidateAsync("node-a", null, 'b')));

        var later = await scene.TokenAsync(ann, "node-b");
        scene.Portal.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal((403, "registration_token_expired"), Reason(await scene.ValidateAsync("node-b", later, 'a')));
        Assert.Equal("registration_token_expired", (await scene.NodeAsync(await scene.Portal.LoginAsync(Ann), "node-b")).GetProperty("blockedReason").GetString());
    }

    [Fact]
    public async Task Two_keys_that_race_for_a_token_one_wins()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var token = await scene.TokenAsync(await scene.Portal.PersonAsync(Ann), "node-a");
        var answers = await Task.WhenAll("abcdef".Select(key => scene.ValidateAsync("node-a", token, key)));
        Assert.Equal((1, 5), (answers.Count(answer => answer.Status == 200), answers.Count(answer => answer.Reason == "registration_token_used")));
    }

    [Fact]
    public async Task Enrolling_again_keeps_approval_with_the_key_and_another_key_waits()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        var first = await scene.TokenAsync(ann, "node-a");
        await scene.ValidateAsync("node-a", first, 'a');
        await scene.DecideAsync(root, "node-a", true);
        var (_, rotated) = await scene.Portal.SendAsync("POST", "/nodes/node-a/rotate-token", new { }, ann);
        var second = rotated.GetProperty("registrationToken").GetString()!;
        Assert.Equal("approved", await scene.StatusAsync(ann, "node-a"));
        Assert.Equal((403, "registration_token_invalid"), Reason(await scene.ValidateAsync("node-a", first, 'a')));
        Assert.Equal((200, "ok"), Reason(await scene.ValidateAsync("node-a", second, 'a')));
        Assert.Equal((200, "node_pending_coordinator_approval"), Reason(await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'b')));
        Assert.Equal("pending", await scene.StatusAsync(ann, "node-a"));
    }

    // N3.
    [Theory]
    [InlineData(true, "node_revoked")]
    [InlineData(false, "node_rejected")]
    public async Task What_was_refused_stays_refused_until_an_operator_approves(bool approvedBefore, string reason)
    {
        await using var scene = await NodeScene.StartAsync(kind, nodes => nodes with { ApprovesVerifiedOwners = false });
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        var token = await scene.TokenAsync(ann, "node-a");
        await scene.ValidateAsync("node-a", token, 'a');
        if (approvedBefore)
        {
            await scene.DecideAsync(root, "node-a", true);
        }

        await scene.DecideAsync(root, "node-a", false, "Not yours");
        Assert.Equal((409, reason), Told(await scene.EnrolAsync(ann, "node-a")));
        Assert.Equal((409, reason), Told(await scene.Portal.SendAsync("POST", "/nodes/node-a/rotate-token", new { }, ann)));
        Assert.Equal((200, reason), Reason(await scene.ValidateAsync("node-a", token, 'b')));
        await scene.Portal.SendAsync("DELETE", "/nodes/node-a", bearer: ann);
        Assert.Equal((409, reason), Told(await scene.EnrolAsync(ann, "node-a")));
        Assert.Equal((404, "node_not_enrolled"), Reason(await scene.ValidateAsync("node-a", token, 'a')));
    }

    // N7.
    [Fact]
    public async Task The_policy_approves_agents_of_confirmed_owners_only_where_it_is_on_and_never_after_a_refusal()
    {
        await using var scene = await NodeScene.StartAsync(kind, nodes => nodes with { ApprovesVerifiedOwners = true });
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        Assert.Equal((200, "ok"), Reason(await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'a')));
        await scene.DecideAsync(root, "node-a", false);
        await scene.DecideAsync(root, "node-a", true);
        Assert.Equal((200, "node_pending_coordinator_approval"), Reason(await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'b')));
        Assert.Equal("policy:auto-approve", await scene.Portal.ReadAsync(store => store.Set<AuditLineRow>().Where(row => row.Action == "node.approved").OrderBy(row => row.Seq).Select(row => row.Actor).FirstAsync(Cancellation)));
    }

    [Fact]
    public async Task An_owner_pauses_and_resumes_and_does_not_lift_an_operators_stop()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'a');
        Assert.Equal((409, "node_not_approved"), Told(await scene.Portal.SendAsync("POST", "/nodes/node-a/pause", new { }, ann)));
        await scene.DecideAsync(root, "node-a", true);
        Assert.Equal(200, (await scene.Portal.SendAsync("POST", "/nodes/node-a/pause", new { }, ann)).Status);
        Assert.Equal("node_suspended", (await scene.ValidateAsync("node-a", null, 'a')).Reason);
        Assert.Equal(200, (await scene.Portal.SendAsync("POST", "/nodes/node-a/resume", new { }, ann)).Status);
        Assert.Equal("ok", (await scene.ValidateAsync("node-a", null, 'a')).Reason);

        Assert.Equal(200, (await scene.Portal.SendAsync("POST", "/coordinator/ops/node-suspension", new { nodeId = "node-a", suspended = true, reason = "Looks odd" }, root)).Status);
        Assert.Equal((409, "node_suspended"), Told(await scene.Portal.SendAsync("POST", "/nodes/node-a/resume", new { }, ann)));
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'b');
        Assert.Equal("suspended", await scene.StatusAsync(ann, "node-a"));
        await scene.Portal.SendAsync("POST", "/coordinator/ops/node-suspension", new { nodeId = "node-a", suspended = false }, root);
        Assert.Equal("pending", await scene.StatusAsync(ann, "node-a"));
    }

    [Fact]
    public async Task A_deleted_node_is_gone_for_everybody_and_its_id_stays_its_owners()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, bob, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.PersonAsync("bob@example.org"), await scene.Portal.AdministratorAsync());
        var token = await scene.TokenAsync(ann, "node-a");
        await scene.ValidateAsync("node-a", token, 'a');
        await scene.DecideAsync(root, "node-a", true);
        Assert.Equal("node-a", (await scene.Portal.SendAsync("DELETE", "/nodes/node-a", bearer: ann)).Body.GetProperty("deletedNodeId").GetString());
        Assert.Equal(0, (await scene.Portal.SendAsync("GET", "/nodes/me", bearer: ann)).Body.GetProperty("nodes").GetArrayLength());
        Assert.Equal(0, (await scene.InternalAsync("POST", "/internal/nodes/lookup", new { nodeIds = new[] { "node-a" } })).Body.GetProperty("nodes").GetArrayLength());
        Assert.Equal((404, "node_not_found"), Told(await scene.DecideAsync(root, "node-a", true)));
        Assert.Equal((404, "node_not_found"), Told(await scene.Portal.SendAsync("DELETE", "/nodes/node-a", bearer: ann)));
        Assert.Equal((409, "node_owned_by_other_user"), Told(await scene.EnrolAsync(bob, "node-a")));
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'a');
        Assert.Equal("pending", await scene.StatusAsync(ann, "node-a"));
    }

    [Fact]
    public async Task Only_administrators_decide_and_a_node_without_a_key_cannot_be_judged()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        await scene.TokenAsync(ann, "node-a");
        Assert.Equal(403, (await scene.DecideAsync(ann, "node-a", true)).Status);
        Assert.Equal((409, "node_awaiting_key"), Told(await scene.DecideAsync(root, "node-a", true)));
        Assert.Equal((400, "validation_failed"), Told(await scene.DecideAsync(root, "node-a", false, "write to me@example.org")));
        Assert.Equal((404, "node_not_found"), Told(await scene.DecideAsync(root, "node-b", true)));
        Assert.Equal("node-contributor", await scene.Portal.ReadAsync(store => store.Set<RoleGrantRow>().Where(row => row.Role != RoleNames.SystemAdmin).Select(row => row.Role).SingleAsync(Cancellation)));
    }

    // T8, T10.
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("ünïcödé-token-of-the-tests-0123456789012")]
    [InlineData("service-token-of-the-tests-01234567890124")]
    public async Task Internal_routes_refuse_everybody_without_the_service_token(string? shown)
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var root = await scene.Portal.AdministratorAsync();
        foreach (var (method, path) in new[] { ("POST", "/internal/nodes/validate"), ("POST", "/internal/nodes/lookup"), ("GET", "/internal/nodes/pending"), ("POST", "/internal/nodes/node-a/approval"), ("GET", "/internal/stats/counts") })
        {
            (string, string)[] headers = shown is null ? [] : [("x-portal-service-token", shown)];
            Assert.Equal((401, "portal_service_token_required"), Told(await scene.Portal.SendAsync(method, path, method == "POST" ? new { } : null, root, headers)));
        }
    }

    // T7.
    [Fact]
    public async Task An_unset_service_token_closes_the_internal_routes()
    {
        await using var scene = await NodeScene.StartAsync(kind, edges: edges => edges with { ServiceToken = null });
        Assert.Equal((503, "service_credential_missing"), Told(await scene.InternalAsync("GET", "/internal/nodes/pending")));
        Assert.Equal((503, "service_credential_missing"), Told(await scene.Portal.SendAsync("GET", "/internal/nodes/pending", headers: ("x-portal-service-token", ""))));
    }

    // N10.
    [Theory]
    [InlineData("a/b")]
    [InlineData("a..b")]
    [InlineData("%2e%2e")]
    [InlineData("ab")]
    [InlineData("node\n1")]
    [InlineData("nodé-1")]
    public async Task A_bad_id_is_400_and_reaches_nobody(string id)
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var (ann, root) = (await scene.Portal.PersonAsync(Ann), await scene.Portal.AdministratorAsync());
        Assert.Equal((400, "validation_failed"), Told(await scene.EnrolAsync(ann, id)));
        Assert.Equal((400, "invalid_id"), Told(await scene.DecideAsync(root, id, true)));
        var path = await scene.Portal.SendAsync("POST", $"/nodes/{Uri.EscapeDataString(id)}/pause", new { }, ann);
        Assert.True(path.Status is 400 or 404, path.ToString());
        await scene.SendAsync();
        Assert.Empty(scene.Home.Requests);
    }

    [Fact]
    public async Task A_coordinator_is_told_where_only_by_an_open_token()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        scene.Home.Answers = request => (200, new { peerId = "coord-1" });
        var ann = await scene.Portal.PersonAsync(Ann);
        var token = await scene.TokenAsync(ann, "node-a");
        Assert.Equal((401, "registration_token_required"), Told(await scene.Portal.SendAsync("GET", "/nodes/discover-coordinator")));
        Assert.Equal((401, "registration_token_invalid"), Told(await scene.Portal.SendAsync("GET", "/nodes/discover-coordinator", bearer: ann)));
        var (status, found) = await scene.Portal.SendAsync("GET", "/nodes/discover-coordinator", bearer: token);
        Assert.Equal((200, "coord-1"), (status, found.GetProperty("coordinatorNodeId").GetString()));
        Assert.Equal((200, "node_pending_coordinator_approval"), Reason(await scene.ValidateAsync("node-a", token, 'a')));
        Assert.Equal(401, (await scene.Portal.SendAsync("GET", "/nodes/discover-coordinator", bearer: token)).Status);
    }

    [Fact]
    public async Task Sightings_of_the_coordinator_are_shown_and_decide_nothing()
    {
        await using var scene = await NodeScene.StartAsync(kind);
        var ann = await scene.Portal.PersonAsync(Ann);
        await scene.ValidateAsync("node-a", await scene.TokenAsync(ann, "node-a"), 'a');
        var seen = scene.Portal.Time.GetUtcNow().ToUnixTimeMilliseconds() + 1;
        scene.Portal.Time.Advance(TimeSpan.FromMinutes(1));
        await scene.InternalAsync("POST", "/internal/nodes/lookup", new { nodeIds = new[] { "node-a" }, seen = new object[] { new { nodeId = "node-a", lastSeenMs = seen, publicKeySha256 = NodeScene.Key('c') }, new { nodeId = "node-b", lastSeenMs = 5 }, "junk" } });
        var node = await scene.NodeAsync(ann, "node-a");
        Assert.Equal((seen, "SHA256:cccccccccccccccc", "pending"), (node.GetProperty("lastSeenMs").GetInt64(), node.GetProperty("keyFingerprint").GetString(), node.GetProperty("status").GetString()));
        Assert.Equal((403, "node_key_mismatch"), Reason(await scene.ValidateAsync("node-a", null, 'c')));
        Assert.Equal((1, 0), (await scene.InternalAsync("GET", "/internal/stats/counts")).Body.GetProperty("nodes") is var counts ? (counts.GetProperty("agents").GetInt32(), counts.GetProperty("active").GetInt32()) : default);
    }

    private static (int, string?) Told((int Status, JsonElement Body) answer) => (answer.Status, answer.Body.GetProperty("error").GetString());

    private static (int, string?) Reason((int Status, string? Reason, JsonElement Body) answer) => (answer.Status, answer.Reason);
}

/// <summary>On SQLite.</summary>
public sealed class SqliteNodeTests() : NodeCompliance(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresNodeTests() : NodeCompliance(StoreKind.PostgreSql);

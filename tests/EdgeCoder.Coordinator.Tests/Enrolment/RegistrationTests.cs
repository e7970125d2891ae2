using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Releases;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Enrolment;

/// <summary>The table of bindings in coordinator-and-mesh 3.1 and its failure modes I1, I3, I4, I8.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task One_use_token_binds_a_key_that_then_waits_for_approval()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = host.Stranger("node-a");
        var enrolled = await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a", ownerAccountId = "owner-1" });
        agent.Token = (string?)enrolled["registrationToken"];

        var answer = await agent.RegisterAsync();

        Assert.Equal(200, answer.Status);
        Assert.Equal(["accepted", "coordinatorPublicKey", "mode", "policy", "status"], answer.Body!.AsObject().Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal("pending_approval", (string?)answer.Body["status"]);
        Assert.Equal(host.Identity.Key.PublicKey.Pem, (string?)answer.Body["coordinatorPublicKey"]);
        Assert.Equal(2, (int?)answer.Body["policy"]!["maxConcurrentTasks"]);
    }

    [Fact]
    public async Task Join_code_holds_address_id_and_token_and_the_store_holds_only_the_hash()
    {
        await using var host = await AgentHost.StartAsync();
        var enrolled = await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" });
        var token = (string)enrolled["registrationToken"]!;

        var code = EdgeCoder.Agent.Workers.JoinCode.Parse((string)enrolled["joinCode"]!);

        Assert.Equal(new("http://127.0.0.1:4301", "node-a", token), code);
        Assert.Equal(host.NowMs + 259_200_000, (long)enrolled["expiresAtMs"]!);
        Assert.DoesNotContain(token, await host.DumpAsync(), StringComparison.Ordinal);
        Assert.Contains(RegistrationToken.Hash(token), await host.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_token_and_key_again_give_the_same_answer_and_write_nothing()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a", approved: false);
        var before = await host.DumpAsync();

        var again = await agent.RegisterAsync();

        Assert.Equal("pending_approval", (string?)again.Body!["status"]);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Used_token_binds_no_second_key_and_opens_no_other_route()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();
        var thief = host.Stranger("node-a");
        thief.Token = agent.Token;

        var answer = await thief.RegisterAsync();

        Assert.Equal((403, "node_not_activated", "registration_token_used"), (answer.Status, answer.Error, answer.Reason));
        Assert.Equal(401, (await thief.HeartbeatAsync()).Status);
        foreach (var header in new[] { "x-admin-token", "x-mesh-token", "x-portal-service-token", "Authorization" })
        {
            var value = header is "Authorization" ? "Bearer " + agent.Token : agent.Token!;
            Assert.True((await host.SendAsync(HttpMethod.Get, "/admin/agents", null, (header, value))).Status is 401 or 403 or 503);
            Assert.True((await host.SendAsync(HttpMethod.Post, "/nodes/notify", new { nodeId = "node-a" }, (header, value))).Status is 401 or 403 or 503);
        }

        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Two_keys_race_for_one_token_and_one_wins()
    {
        await using var host = await AgentHost.StartAsync();
        var token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        var agents = Enumerable.Range(0, 8).Select(_ => host.Stranger("node-a")).ToArray();

        var answers = await Task.WhenAll(agents.Select(a => a.RegisterAsync(body => body["registrationToken"] = token)));

        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => Assert.Equal((403, "registration_token_used"), (a.Status, a.Reason)));
    }

    [Theory]
    [InlineData(null, "registration_token_required")]
    [InlineData("a-token-that-nobody-made", "registration_token_invalid")]
    public async Task Without_the_token_nothing_is_bound(string? token, string reason)
    {
        await using var host = await AgentHost.StartAsync();
        await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" });
        var before = await host.DumpAsync();
        var agent = host.Stranger("node-a");
        agent.Token = token;

        var answer = await agent.RegisterAsync();

        Assert.Equal((403, "node_not_activated", reason), (answer.Status, answer.Error, answer.Reason));
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Absence_of_portal_and_enrolment_admits_nobody()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = host.Stranger("node-a");
        agent.Token = "some-token-of-somebody";

        Assert.Equal("node_not_enrolled", (await agent.RegisterAsync()).Reason);
    }

    [Fact]
    public async Task Expired_token_binds_nothing()
    {
        await using var host = await AgentHost.StartAsync(new() { RegistrationTokenTtlMs = 60_000 });
        var agent = host.Stranger("node-a");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        host.Time.Advance(TimeSpan.FromMilliseconds(60_000));

        Assert.Equal("registration_token_expired", (await agent.RegisterAsync()).Reason);
    }

    [Fact]
    public async Task Token_of_one_node_binds_no_other()
    {
        await using var host = await AgentHost.StartAsync();
        await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-b" });
        var agent = host.Stranger("node-b");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];

        Assert.Equal("registration_token_invalid", (await agent.RegisterAsync()).Reason);
    }

    [Fact]
    public async Task Another_key_without_rotation_changes_nothing()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        var answer = await host.Stranger("node-a").RegisterAsync();

        Assert.Equal((409, "agent_key_mismatch"), (answer.Status, answer.Error));
        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(200, (await agent.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task Rotation_signed_by_the_old_key_replaces_it_at_once_and_keeps_the_approval()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var old = agent.Key;
        agent.Key = SigningKey.Generate();
        agent.Token = null;

        var answer = await agent.RegisterAsync(body => body["rotation"] = Rotation("node-a", old, agent.Key.PublicKey, host.NowMs));

        Assert.Equal((200, "active"), (answer.Status, (string?)answer.Body?["status"]));
        Assert.Equal(200, (await agent.HeartbeatAsync()).Status);
        var late = new TestAgent(host, "node-a", old);
        Assert.Equal((401, "signature_mismatch"), ((await late.HeartbeatAsync()).Status, (await late.HeartbeatAsync()).Reason));
        Assert.Contains("\"reason\":\"rotation\"", await host.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_by_another_key_for_another_agent_or_to_another_key_changes_nothing()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();
        var next = host.Stranger("node-a");
        var third = SigningKey.Generate();
        string[] forged =
        [
            Rotation("node-a", next.Key, next.Key.PublicKey, host.NowMs),
            Rotation("node-b", agent.Key, next.Key.PublicKey, host.NowMs),
            Rotation("node-a", agent.Key, third.PublicKey, host.NowMs),
            Rotation("node-a", agent.Key, next.Key.PublicKey, host.NowMs + 3_600_000),
            Rotation("node-a", agent.Key, next.Key.PublicKey, host.NowMs - 3_600_000),
            "bm90IGEgZG9jdW1lbnQ=",
            "§§",
        ];

        foreach (var rotation in forged)
        {
            Assert.Equal("agent_key_mismatch", (await next.RegisterAsync(body => body["rotation"] = rotation)).Error);
        }

        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Replaced_key_does_not_come_back_by_an_old_rotation_or_token()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var (first, firstToken) = (agent.Key, agent.Token);
        var second = SigningKey.Generate();
        var there = Rotation("node-a", first, second.PublicKey, host.NowMs);
        var back = Rotation("node-a", second, first.PublicKey, host.NowMs);
        agent.Key = second;
        Assert.Equal(200, (await agent.RegisterAsync(body => body["rotation"] = there)).Status);
        var before = await host.DumpAsync();
        var late = new TestAgent(host, "node-a", first) { Token = firstToken };

        Assert.Equal("agent_key_mismatch", (await late.RegisterAsync(body => { body["rotation"] = back; body.Remove("registrationToken"); })).Error);
        Assert.Equal("registration_token_used", (await late.RegisterAsync()).Reason);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Fresh_token_binds_a_new_key_and_approval_starts_anew()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        agent.Key = SigningKey.Generate();
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a", ownerAccountId = "owner-1" }))["registrationToken"];
        host.Queue.Changes.Clear();

        var answer = await agent.RegisterAsync();

        Assert.Equal((200, "pending_approval"), (answer.Status, (string?)answer.Body?["status"]));
        Assert.Contains(("node-a", true, "registered"), host.Queue.Changes);
    }

    [Fact]
    public async Task Node_of_another_owner_is_not_enrolled_over()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a", owner: "owner-1");

        var answer = await host.SendAsync(HttpMethod.Post, "/admin/nodes/enroll", new { nodeId = "node-a", ownerAccountId = "owner-2" }, ("x-admin-token", AgentHost.AdminToken));

        Assert.Equal((409, "node_owned_by_other_user"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task New_enrolment_voids_the_old_token()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = host.Stranger("node-a");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" });

        Assert.Equal("registration_token_invalid", (await agent.RegisterAsync()).Reason);
    }

    [Fact]
    public async Task Bound_key_updates_capabilities_without_a_token()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        agent.Token = null;

        var answer = await agent.RegisterAsync(body =>
        {
            body["maxConcurrentTasks"] = 7;
            body["sandboxMode"] = "landlock";
        });

        Assert.Equal("active", (string?)answer.Body!["status"]);
        var facts = await host.Directory.FindAsync("node-a", false, TestContext.Current.CancellationToken);
        Assert.Equal((7, "landlock", AgentStatus.Active), (facts!.DeclaredSlots, facts.SandboxMode, facts.Status));
        Assert.Equal(["qwen3.5:9b"], facts.Models);
    }

    [Fact]
    public async Task Envelope_key_needs_the_agents_signature_and_never_goes_away()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        using var sealing = EnvelopeKey.Generate();
        var before = await host.DumpAsync();
        using var other = SigningKey.Generate();

        var forged = await agent.RegisterAsync(body => Vouch(body, sealing.PublicKey, X25519Binding.Sign("node-a", sealing.PublicKey, other)));
        Assert.Equal((400, "validation_failed"), (forged.Status, forged.Error));
        Assert.Equal(400, (await agent.RegisterAsync(body => body["x25519PublicKey"] = sealing.PublicKey)).Status);
        Assert.Equal(before, await host.DumpAsync());

        Assert.Equal(200, (await agent.RegisterAsync(body => Vouch(body, sealing.PublicKey, X25519Binding.Sign("node-a", sealing.PublicKey, agent.Key)))).Status);
        Assert.Equal(200, (await agent.RegisterAsync()).Status);
        var facts = await host.Directory.FindAsync("node-a", loopback: true, TestContext.Current.CancellationToken);
        Assert.Equal((sealing.PublicKey, false), (facts!.EnvelopeKey, facts.Loopback));
    }

    [Fact]
    public async Task Rotated_agent_without_a_new_envelope_key_gets_nothing_in_the_clear()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        using var sealing = EnvelopeKey.Generate();
        await agent.RegisterAsync(body => Vouch(body, sealing.PublicKey, X25519Binding.Sign("node-a", sealing.PublicKey, agent.Key)));
        var old = agent.Key;
        agent.Key = SigningKey.Generate();

        await agent.RegisterAsync(body => body["rotation"] = Rotation("node-a", old, agent.Key.PublicKey, host.NowMs));

        var facts = await host.Directory.FindAsync("node-a", loopback: true, TestContext.Current.CancellationToken);
        Assert.Equal((null, false), (facts!.EnvelopeKey, facts.Loopback));
    }

    [Fact]
    public async Task Banned_agent_registers_with_no_key_and_its_key_with_no_id()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await BanAsync(host, "node-a");
        var token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-b" }))["registrationToken"];
        var disguised = new TestAgent(host, "node-b", agent.Key) { Token = token };
        var before = await host.DumpAsync();

        foreach (var answer in new[] { await agent.RegisterAsync(), await disguised.RegisterAsync(), await host.Stranger("node-a").RegisterAsync() })
        {
            Assert.Equal((403, "agent_blacklisted", "manual_review"), (answer.Status, answer.Error, answer.Reason));
        }

        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Only_verified_releases_register_where_that_is_required()
    {
        using var release = SigningKey.Generate();
        using var folder = new TemporaryDirectory();
        var hash = new string('a', 64);
        var file = folder.Write("one.json", $$"""{"version":"1.2.3","artifacts":[],"distTreeHash":"{{hash}}","timestamp":1}""");
        folder.Write("two.json", "no manifest");
        var keys = new ReleaseKeys([new(release.PublicKey.Pem, 0)]);
        await using var host = await AgentHost.StartAsync(new() { RequireVerified = true, Releases = new() { Keys = keys, Folder = folder.Path } });
        var agent = host.Stranger("node-a");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        var signature = ReleaseManifest.Sign(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), release);
        var before = await host.DumpAsync();

        foreach (var (claim, status) in new (JsonObject?, string)[]
        {
            (null, "unverified(no_signature_provided)"),
            (Claim(hash, "9.9.9", signature), "unverified(manifest_not_cached)"),
            (Claim(hash, "1.2.3", Convert.ToBase64String(new byte[64])), "signature_mismatch"),
            (Claim(hash, "1.2.3", release.SignBase64(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))), "signature_mismatch"),
            (Claim(new('b', 64), "1.2.3", signature), "hash_mismatch"),
        })
        {
            var answer = await agent.RegisterAsync(body => body["binaryIntegrity"] = claim);
            Assert.Equal((403, "binary_integrity_failed", status), (answer.Status, answer.Error, answer.Reason));
        }

        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(200, (await agent.RegisterAsync(body => body["binaryIntegrity"] = Claim(hash, "1.2.3", signature))).Status);
    }

    [Fact]
    public async Task A_build_without_release_keys_verifies_nobody()
    {
        using var release = SigningKey.Generate();
        using var folder = new TemporaryDirectory();
        var file = folder.Write("one.json", $$"""{"version":"1.2.3","artifacts":[],"distTreeHash":"{{new string('a', 64)}}","timestamp":1}""");
        await using var host = await AgentHost.StartAsync(new() { RequireVerified = true, Releases = new() { Folder = folder.Path } });
        var signature = ReleaseManifest.Sign(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), release);
        var answer = await host.Stranger("node-a").RegisterAsync(body => body["binaryIntegrity"] = Claim(new('a', 64), "1.2.3", signature));
        Assert.Equal((403, "unverified(no_active_release_keys)"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Manifests_put_in_later_are_known_once_the_folder_is_read_again()
    {
        using var release = SigningKey.Generate();
        using var folder = new TemporaryDirectory();
        var time = new FakeTimeProvider();
        using var releases = new KnownReleases(new() { Keys = new([new(release.PublicKey.Pem, 0)]), Folder = folder.Path }, time, NullLogger<KnownReleases>.Instance);
        await releases.StartAsync(TestContext.Current.CancellationToken);
        var manifest = await File.ReadAllBytesAsync(folder.Write("one.json", $$"""{"version":"1.2.3","artifacts":[],"distTreeHash":"{{new string('a', 64)}}","timestamp":1}"""), TestContext.Current.CancellationToken);
        var claim = new BinaryIntegrity(new('a', 64), "1.2.3", ReleaseManifest.Sign(manifest, release), null);
        Assert.Equal("unverified(manifest_not_cached)", releases.Judge(claim).ToString());
        releases.Read();
        Assert.Equal("verified", releases.Judge(claim).ToString());
        await releases.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("maxConcurrentTasks", "65")]
    [InlineData("maxConcurrentTasks", "0")]
    [InlineData("mode", "\"other\"")]
    [InlineData("os", "\"x\"")]
    [InlineData("sandboxMode", "\"jail\"")]
    [InlineData("deviceId", "\"ab\"")]
    [InlineData("clientType", "\"\"")]
    [InlineData("models", "[null]")]
    [InlineData("models", "[{\"modelId\":\"m\",\"provenContext\":-1}]")]
    [InlineData("powerTelemetry", "{\"batteryPct\":101}")]
    [InlineData("powerTelemetry", "{\"thermalState\":\"hot\"}")]
    [InlineData("x25519PublicKey", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"")]
    public async Task Member_out_of_its_limits_is_named_and_nothing_is_written(string member, string value)
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        var answer = await agent.RegisterAsync(body => body[member] = JsonNode.Parse(value));

        Assert.Equal((400, "validation_failed"), (answer.Status, answer.Error));
        Assert.NotEmpty(answer.Body!["issues"]!.AsArray());
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Unsigned_or_broken_registration_writes_nothing_and_is_never_an_internal_error()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = host.Stranger("node-a");
        agent.Token = (string?)(await host.OperateAsync("/admin/nodes/enroll", new { nodeId = "node-a" }))["registrationToken"];
        var before = await host.DumpAsync();

        Assert.Equal(401, (await host.SendAsync(HttpMethod.Post, "/register", agent.Registration().ToJsonString())).Status);
        Assert.Equal(401, (await host.SendAsync(HttpMethod.Post, "/heartbeat", new { agentId = "node-a" })).Status);
        foreach (var body in new[] { "", "{", "[]", "null", """{"agentId":"node-a","agentId":"node-b"}""", """{"agentId":7}""", """{"publicKeyPem":"-----BEGIN PUBLIC KEY-----"}""" })
        {
            Assert.InRange((await host.SendAsync(HttpMethod.Post, "/register", body)).Status, 400, 499);
        }

        foreach (var pem in new[] { "", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" })
        {
            Assert.InRange((await agent.RegisterAsync(b => b["publicKeyPem"] = pem)).Status, 400, 499);
        }

        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Agents_key_opens_no_operator_or_portal_route()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var before = await host.DumpAsync();

        foreach (var path in new[] { "/admin/agents/node-a/approval", "/admin/agents/node-a/resume", "/admin/nodes/enroll", "/admin/coordinator/pause", "/admin/policy", "/nodes/notify" })
        {
            Assert.Equal(401, (await agent.PostAsync(path, new JsonObject { ["approved"] = true, ["paused"] = true, ["nodeId"] = "node-a" })).Status);
        }

        foreach (var path in new[] { "/admin/agents", "/capacity", "/status", "/features" })
        {
            Assert.Equal(401, (await agent.GetAsync(path)).Status);
        }

        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Embedded_worker_is_enrolled_by_a_call_in_the_process()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = host.Stranger("embedded-1");

        await host.Get<Registration>().EnrolEmbeddedAsync("embedded-1", agent.Key.PublicKey.Pem, "owner-1", TestContext.Current.CancellationToken);

        Assert.Equal("active", (string?)(await agent.RegisterAsync()).Body!["status"]);
        var before = await host.DumpAsync();
        await host.Get<Registration>().EnrolEmbeddedAsync("embedded-1", agent.Key.PublicKey.Pem, "owner-1", TestContext.Current.CancellationToken);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task Binding_survives_a_restart()
    {
        using var data = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        SigningKey key;
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            key = (await host.EnrolAsync("node-a")).Key;
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        var agent = new TestAgent(restarted, "node-a", key);

        Assert.Equal("active", (string?)(await agent.HeartbeatAsync()).Body!["status"]);
        Assert.Equal("agent_key_mismatch", (await restarted.Stranger("node-a").RegisterAsync()).Error);
    }

    internal static async Task<string> BanAsync(AgentHost host, string agentId, long? expiresAtMs = null) => (await host.Get<BlacklistChain>().AppendAsync(
        host.Get<IStoreWriter>(),
        _ => new()
        {
            AgentId = agentId, ReasonCode = "manual_review", Reason = "by a test", EvidenceHash = new('a', 64), ReporterId = "op-1", ReportedBy = "operator:op-1", TimestampMs = host.NowMs, ExpiresAtMs = expiresAtMs,
        },
        null, host.NowMs, TestContext.Current.CancellationToken)).Event.EventId;

    private static void Vouch(JsonObject body, string publicKey, string signature)
    {
        body["x25519PublicKey"] = publicKey;
        body["x25519Signature"] = signature;
    }

    private static JsonObject Claim(string hash, string version, string signature) => new() { ["distHash"] = hash, ["releaseVersion"] = version, ["releaseSignature"] = signature, ["distributionChannel"] = "github" };

    private static string Rotation(string agentId, SigningKey old, VerifyingKey next, long issuedAtMs) => Convert.ToBase64String(SignedDocument.Sign(
        DocumentContexts.AgentRotation,
        new AgentRotation { AgentId = agentId, OldKeyId = old.PublicKey.KeyId, NewPublicKeyPem = next.Pem, IssuedAtMs = issuedAtMs },
        MeshJson.Default.AgentRotation,
        old));
}

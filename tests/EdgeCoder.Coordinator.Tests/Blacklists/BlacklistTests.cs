using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Blacklists;

/// <summary>Routes, chain and effects of the blacklist (economy-and-ledger 14; F20, F24).</summary>
public sealed class BlacklistTests
{
    private static readonly string Evidence = new('e', 64);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ban_refuses_the_agent_at_every_route_until_it_is_revoked()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");

        var made = await host.OperateAsync("/security/blacklist", Request(host, "node-a"));

        Assert.Equal(("add", "node-a", 1, 1), ((string?)made["record"]!["action"], (string?)made["record"]!["agentId"], (int)made["record"]!["sequence"]!, (int)made["version"]!));
        Assert.Equal((string?)made["record"]!["eventHash"], (string?)made["chainHead"]);
        Assert.Equal("operator:env:bootstrap", (string?)made["record"]!["reportedBy"]);
        Assert.Contains(("node-a", true, "agent_blacklisted"), host.Queue.Changes);
        Assert.Equal((403, "agent_blacklisted", "manual_review"), Of(await agent.RegisterAsync()));
        Assert.Equal("""{"ok":false,"blacklisted":true,"reason":"manual_review","blacklistVersion":1}""", (await agent.HeartbeatAsync()).Body!.ToJsonString());
        Assert.Equal("agent_blacklisted", AgentGate.BlockOf((await host.Directory.FindAsync("node-a", false, Cancellation))!)!.Reason);

        var ended = await host.OperateAsync($"/security/blacklist/{(string?)made["record"]!["eventId"]}/revoke", new { reason = "a mistake" });
        Assert.Equal(("revoke", 2), ((string?)ended["record"]!["action"], (int)ended["record"]!["sequence"]!));
        Assert.True((bool)(await agent.HeartbeatAsync()).Body!["ok"]!);
        Assert.Empty((await host.ReadAsync("/security/blacklist"))["records"]!.AsArray());

        // Twice is once.
        var again = await host.OperateAsync($"/security/blacklist/{(string?)made["record"]!["eventId"]}/revoke", new { reason = "a mistake" });
        Assert.Equal((string?)ended["record"]!["eventHash"], (string?)again["record"]!["eventHash"]);
    }

    [Fact]
    public async Task Events_are_leaves_of_the_log_and_the_audit_is_proven_after_a_restart()
    {
        using var data = new TemporaryDirectory();
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path))
        {
            var made = await host.OperateAsync("/security/blacklist", Request(host, "node-a", expiresInMs: 1_000));
            await host.OperateAsync("/security/blacklist", Request(host, "node-b"));
            Assert.Contains(
                (await host.DumpAsync()).Split('\n'),
                row => row.Contains("event_type=blacklist_event", StringComparison.Ordinal) && row.Contains($"task_id=blacklist:{(string?)made["record"]!["eventId"]}", StringComparison.Ordinal));
            host.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(["node-b"], (await host.ReadAsync("/security/blacklist"))["records"]!.AsArray().Select(r => (string?)r!["agentId"]));
        }

        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path);
        var third = await restarted.OperateAsync("/security/blacklist", Request(restarted, "node-c"));
        var audit = (await restarted.ReadAsync("/security/blacklist/audit")).ToJsonString();
        var finding = BlacklistVerifier.Check(Encoding.UTF8.GetBytes(audit), AgentHost.PeerId, new Dictionary<string, VerifyingKey> { [AgentHost.PeerId] = restarted.Identity.Key.PublicKey });
        Assert.Equal((null, 3, (string?)third["chainHead"]), (finding.Fault, finding.EventsVerified, finding.ChainHead));
    }

    [Fact]
    public async Task Only_an_operators_own_judgement_needs_no_signature_and_only_operators_ban()
    {
        await using var host = await AgentHost.StartAsync();
        var reporter = await host.EnrolAsync("node-r");
        await host.EnrolAsync("node-a");

        var unsigned = await PostAsync(host, Request(host, "node-a", "abuse_spam", "node-r"));
        Assert.Equal((400, "reporter_signature_invalid_for_reason_code"), (unsigned.Status, unsigned.Error));
        using var other = SigningKey.Generate();
        Assert.Equal(400, (await PostAsync(host, Signed(host, other, "node-a", "abuse_spam", "node-r"))).Status);
        Assert.Equal((400, "validation_failed"), Short(await PostAsync(host, Signed(host, reporter.Key, "node-a", "abuse_spam", "node-r", -120_001))));
        Assert.Equal((400, "personal_data_refused"), Short(await PostAsync(host, Request(host, "node-a", reason: "mail of x@y.example"))));

        // The agent's own report waits; with the operator it is an entry, and the reporter's time stays.
        var filed = await reporter.PostAsync("/security/blacklist", Signed(host, reporter.Key, "node-a", "abuse_spam", "node-r", -5_000));
        Assert.Equal((200, true, null), (filed.Status, (bool?)filed.Body!["ok"], filed.Body["record"]));
        Assert.Single((await host.ReadAsync("/security/blacklist/reviews"))["reports"]!.AsArray());
        Assert.NotEqual(AgentStatus.Blacklisted, (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status);
        var made = await host.OperateAsync("/security/blacklist", Signed(host, reporter.Key, "node-a", "abuse_spam", "node-r", -5_000));
        Assert.Equal((true, host.NowMs - 5_000), ((bool)made["record"]!["evidenceSignatureVerified"]!, (long)made["record"]!["timestampMs"]!));
        Assert.Empty((await host.ReadAsync("/security/blacklist/reviews"))["reports"]!.AsArray());
        var stranger = await reporter.PostAsync("/security/blacklist", Signed(host, reporter.Key, "node-a", "abuse_spam", "node-x"));
        Assert.Equal((401, "agent_id_mismatch"), Short(stranger));
    }

    [Fact]
    public async Task Banned_agent_appeals_with_its_own_key_and_an_operator_decides()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        var other = await host.EnrolAsync("node-b");
        var eventId = (string)(await host.OperateAsync("/security/blacklist", Request(host, "node-a")))["record"]!["eventId"]!;
        var path = $"/security/blacklist/{eventId}/appeal";

        Assert.Equal((404, "blacklist_event_not_found"), Short(await other.PostAsync(path, Appeal(host, other, eventId))));
        var forged = Appeal(host, agent, eventId);
        forged["statement"] = "another";
        Assert.Equal((400, "appeal_signature_invalid"), Short(await agent.PostAsync(path, forged)));
        Assert.Equal("open", (string?)(await agent.PostAsync(path, Appeal(host, agent, eventId))).Body!["record"]!["state"]);
        Assert.Equal((409, "appeal_open"), Short(await agent.PostAsync(path, Appeal(host, agent, eventId))));
        await host.OperateAsync($"/security/blacklist/{eventId}/uphold", new { reason = "it stays" });
        Assert.Equal(200, (await agent.PostAsync(path, Appeal(host, agent, eventId))).Status);
        await host.OperateAsync($"/security/blacklist/{eventId}/revoke", new { reason = "agreed" });

        var appeals = (await host.ReadAsync("/security/blacklist/reviews"))["appeals"]!.AsArray();
        Assert.Equal(["revoked", "upheld"], appeals.Select(a => (string?)a!["state"]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("it was not me", (await host.ReadAsync("/security/blacklist/audit")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unproven_event_of_a_peer_quarantines_until_its_source_ends_it_and_proven_ones_ban()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        await using var peer = await AgentHost.StartAsync();
        using var key = SigningKey.Generate();
        var add = Event(key, BlacklistEvent.Add, null, 1, BlacklistEvent.Genesis);
        var end = Event(key, BlacklistEvent.Revoke, add.Event.EventId, 2, add.Hash);

        Assert.Equal(BlacklistAdmissionVerdict.BlacklistSequenceGap, await IngestAsync(host, end, key.PublicKey));
        Assert.Equal(BlacklistAdmissionVerdict.InvalidBlacklistPayload, await IngestAsync(host, add, null));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistCoordinatorSignatureInvalid, await IngestAsync(host, add, host.Identity.Key.PublicKey));
        var before = await host.DumpAsync();
        Assert.Equal(BlacklistAdmissionVerdict.Next, await IngestAsync(host, add, key.PublicKey));
        Assert.NotEqual(before, await host.DumpAsync());
        Assert.Equal(BlacklistAdmissionVerdict.Duplicate, await IngestAsync(host, add, key.PublicKey));
        Assert.Equal(AgentStatus.Quarantined, (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status);
        Assert.Equal(BlacklistAdmissionVerdict.Next, await IngestAsync(host, end, key.PublicKey));
        Assert.Equal(AgentStatus.Active, (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status);

        await peer.EnrolAsync("node-a");
        Assert.Equal(BlacklistAdmissionVerdict.Next, await IngestAsync(peer, add, key.PublicKey, isProven: true));
        Assert.Equal(AgentStatus.Blacklisted, (await peer.Directory.FindAsync("node-a", false, Cancellation))!.Status);
    }

    [Fact]
    public async Task Peer_that_signs_two_events_for_one_place_is_told_once_and_the_first_stays()
    {
        await using var host = await AgentHost.StartAsync();
        using var key = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        var first = Event(key, BlacklistEvent.Add, null, 1, BlacklistEvent.Genesis);
        var second = Event(key, BlacklistEvent.Add, null, 1, BlacklistEvent.Genesis);
        Assert.Equal(BlacklistAdmissionVerdict.Next, await IngestAsync(host, first, key.PublicKey));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistCoordinatorSignatureInvalid, await IngestAsync(host, Event(stranger, BlacklistEvent.Add, null, 1, BlacklistEvent.Genesis), key.PublicKey));
        Assert.Empty((await host.ReadAsync("/security/events"))["events"]!.AsArray());

        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, await IngestAsync(host, second, key.PublicKey));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, await IngestAsync(host, second, key.PublicKey));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, await IngestAsync(host, Event(key, BlacklistEvent.Add, null, 1, BlacklistEvent.Genesis), key.PublicKey));

        var told = Assert.Single((await host.ReadAsync("/security/events"))["events"]!.AsArray())!;
        Assert.Equal(("blacklist_chain_tamper", "CRITICAL", "coordinator", "coord-peer"), ((string)told["event"]!, (string)told["level"]!, (string)told["source"]!["type"]!, (string)told["source"]!["id"]!));
        Assert.Equal(first.Hash, (string?)told["details"]!["known"]);
    }

    [Fact]
    public async Task Peer_ends_no_ban_of_this_coordinator_and_makes_no_event_in_its_name()
    {
        await using var host = await AgentHost.StartAsync();
        await host.EnrolAsync("node-a");
        var ban = (string)(await host.OperateAsync("/security/blacklist", Request(host, "node-a")))["record"]!["eventId"]!;
        using var key = SigningKey.Generate();

        Assert.Equal(BlacklistAdmissionVerdict.Next, await IngestAsync(host, Event(key, BlacklistEvent.Revoke, ban, 1, BlacklistEvent.Genesis), key.PublicKey));
        Assert.Equal(BlacklistAdmissionVerdict.InvalidBlacklistPayload, await IngestAsync(host, Event(key, BlacklistEvent.Add, null, 9, new('0', 64), AgentHost.PeerId), key.PublicKey));

        Assert.Equal(AgentStatus.Blacklisted, (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status);
        Assert.Single((await host.ReadAsync("/security/blacklist"))["records"]!.AsArray());
    }

    private static Task<BlacklistAdmissionVerdict> IngestAsync(AgentHost host, SignedBlacklistEvent received, VerifyingKey? key, bool isProven = false) =>
        host.Get<IStoreWriter>().WriteAsync(batch => host.Get<BlacklistChain>().Ingest(batch, received, key, isProven, false, host.NowMs), Cancellation);

    private static SignedBlacklistEvent Event(SigningKey key, string action, string? revokes, long sequence, string prev, string source = "coord-peer") => SignedBlacklistEvent.Sign(
        new()
        {
            V = 1, Action = action, RevokesEventId = revokes, Sequence = sequence, EventId = Guid.NewGuid().ToString("D"), AgentId = "node-a", ReasonCode = "forged_results", Reason = "says a peer",
            EvidenceHashSha256 = Evidence, ReporterId = "rep-1", EvidenceSignatureVerified = true, SourceCoordinatorId = source, ReportedBy = "rule:BHV003", TimestampMs = 1_700_000_000_000, PrevEventHash = prev,
        },
        key);

    private static JsonObject Request(AgentHost host, string agentId, string reasonCode = "manual_review", string reporterId = "op-1", string reason = "by a test", long? expiresInMs = null, long skewMs = 0) => new()
    {
        ["agentId"] = agentId, ["reasonCode"] = reasonCode, ["reason"] = reason, ["reportedBy"] = "me", ["reporterId"] = reporterId, ["timestampMs"] = host.NowMs + skewMs, ["evidenceHashSha256"] = Evidence,
        ["expiresInMs"] = expiresInMs,
    };

    private static JsonObject Signed(AgentHost host, SigningKey key, string agentId, string reasonCode, string reporterId, long skewMs = 0)
    {
        var body = Request(host, agentId, reasonCode, reporterId, skewMs: skewMs);
        body["reporterSignature"] = new BlacklistReport(agentId, reasonCode, "by a test", Evidence, reporterId, host.NowMs + skewMs).Sign(key);
        return body;
    }

    private static JsonObject Appeal(AgentHost host, TestAgent agent, string eventId) => new()
    {
        ["statement"] = "it was not me", ["timestampMs"] = host.NowMs, ["signature"] = new BlacklistAppeal(eventId, agent.AgentId, "it was not me", null, host.NowMs).Sign(agent.Key),
    };

    private static Task<Reply> PostAsync(AgentHost host, JsonObject body) => host.SendAsync(HttpMethod.Post, "/security/blacklist", body.ToJsonString(), ("x-admin-token", AgentHost.AdminToken));

    private static (int, string?, string?) Of(Reply reply) => (reply.Status, reply.Error, reply.Reason);

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Error);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Tests.LyingWorkers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Agents;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Behaviour;

/// <summary>Rules of behaviour, quarantine and automatic bans by what agents really send to a whole coordinator (economy-and-ledger 14, 15; F24, F25).</summary>
public sealed class BehaviourTrafficTests(TrafficScene traffic) : IClassFixture<TrafficScene>
{
    [Fact]
    public async Task Fast_false_results_are_seen_right_after_the_verdict_and_once()
    {
        var (agent, work) = await traffic.BusyAsync("fast", 4);
        await traffic.HandInAsync(agent, work.Take(3), n => $"nothing {n}");

        Assert.Equal([("BHV001", 2)], await TrafficScene.SeenAsync(() => traffic.RulesAsync("fast"), rules => rules.Count > 0));

        // A new fact within 15 minutes, and looks without one, strike no second time.
        await traffic.HandInAsync(agent, work.Skip(3), _ => "nothing again");
        await LookAsync("fast");
        Assert.Equal([("BHV001", 2)], await traffic.RulesAsync("fast"));
        Assert.Equal(2, (int)(await traffic.BehaviorAsync("fast"))["strikeCount"]!);
    }

    [Fact]
    public async Task Empty_equal_and_hardly_ever_accepted_results_are_seen()
    {
        var (empty, emptyWork) = await traffic.BusyAsync("empty", 5);
        var (equal, equalWork) = await traffic.BusyAsync("equal", 3);
        var (poor, poorWork) = await traffic.BusyAsync("poor", 10);
        traffic.Scene.Pass(TimeSpan.FromSeconds(2));
        await traffic.HandInAsync(empty, emptyWork, _ => "");
        await traffic.HandInAsync(equal, equalWork, _ => "the same again");
        await traffic.HandInAsync(poor, poorWork, n => n == 0 ? "good one" : $"wrong {n}");

        Assert.Equal([("BHV002", 1)], await TrafficScene.SeenAsync(() => traffic.RulesAsync("empty"), rules => rules.Count > 0));
        Assert.Equal([("BHV003", 2)], await TrafficScene.SeenAsync(() => traffic.RulesAsync("equal"), rules => rules.Count > 0));
        Assert.Equal([("BHV004", 1), ("BHV009", 0)], await TrafficScene.SeenAsync(() => traffic.RulesAsync("poor"), rules => rules.Count > 1));
    }

    [Fact]
    public async Task Reports_that_break_the_protocol_and_leases_that_expire_are_seen()
    {
        var (breaker, work) = await traffic.BusyAsync("breaker", 2);
        foreach (var one in work)
        {
            for (var n = 0; n < (one == work[0] ? 3 : 2); n++)
            {
                Assert.Equal("400 result_digest_mismatch", (await breaker.ReportAsync(one, r => r with { ResultDigest = new('0', 64) }, LyingScene.Stop)).Outcome);
            }
        }

        Assert.Equal([("BHV005", 2)], await TrafficScene.SeenAsync(() => traffic.RulesAsync("breaker"), rules => rules.Count > 0));

        await traffic.BusyAsync("hoarder", 8);
        await traffic.Scene.AdvanceAsync(TimeSpan.FromSeconds(61));
        await LookAsync("hoarder");
        Assert.Equal([("BHV007", 1)], await traffic.RulesAsync("hoarder"));
    }

    [Fact]
    public async Task Very_short_and_even_results_only_inform()
    {
        var (agent, work) = await traffic.BusyAsync("short", 10);
        traffic.Scene.Pass(TimeSpan.FromSeconds(2));
        await traffic.HandInAsync(agent, work, _ => "good");
        await LookAsync("short");

        Assert.Equal([("BHV009", 0), ("BHV010", 0)], await traffic.RulesAsync("short"));
        var behavior = await traffic.BehaviorAsync("short");
        Assert.Equal((0, 10, 10), ((int)behavior["strikeCount"]!, (int)behavior["stats"]!["successCount"]!, (int)behavior["stats"]!["taskClaimCount"]!));
    }

    // F22: what honest machines do a lot.
    [Fact]
    public async Task Honest_failures_however_fast_empty_and_equal_break_no_rule()
    {
        var (agent, work) = await traffic.BusyAsync("honest-but-unlucky", 10);
        await traffic.HandInAsync(agent, work, _ => "", ok: false);
        await LookAsync("honest-but-unlucky");

        Assert.DoesNotContain(await traffic.RulesAsync("honest-but-unlucky"), rule => rule.Weight > 0);
    }

    [Fact]
    public async Task Worker_that_reconnects_pulls_and_beats_each_second_breaks_no_rule()
    {
        var agent = await traffic.Scene.AgentAsync("restless", LyingScene.Liars);
        for (var second = 0; second < 120; second++)
        {
            traffic.Scene.Pass(TimeSpan.FromSeconds(1));
            Assert.True((await agent.RegisterAsync("bound-already", sealedWork: true, LyingScene.Stop)).Accepted);

            // What others' tests have left over it gives back.
            foreach (var got in await agent.PullAsync(0, 1, LyingScene.Stop))
            {
                Assert.Equal("200", (await agent.PostAsync($"/leases/{got.Lease.LeaseId}/release", Encoding.UTF8.GetBytes("""{"reason":"busy"}"""), LyingScene.Stop)).Outcome);
            }

            Assert.Equal("200", (await agent.PostAsync("/heartbeat", Encoding.UTF8.GetBytes("""{"agentId":"restless","busySlots":0}"""), LyingScene.Stop)).Outcome);
        }

        await LookAsync("restless");
        Assert.Empty(await traffic.RulesAsync("restless"));
        Assert.Equal(1, (int)(await traffic.BehaviorAsync("restless"))["stats"]!["registrationCount"]!);
    }

    [Fact]
    public async Task What_an_agent_does_for_its_own_owner_breaks_no_rule()
    {
        var agent = await traffic.Scene.AgentAsync("own-machine", LyingScene.Requester);
        await traffic.HandInAsync(agent, await traffic.LeaseAsync(agent, 4), _ => "the same mistake");
        await LookAsync("own-machine");

        Assert.Empty(await traffic.RulesAsync("own-machine"));
    }

    [Fact]
    public async Task Quarantined_agent_gets_nothing_new_and_what_it_holds_is_audited_before_it_is_paid()
    {
        var (agent, work) = await traffic.BusyAsync("liar", 5);
        await traffic.HandInAsync(agent, work.Take(3), _ => "the same lie");
        var facts = await TrafficScene.SeenAsync(() => traffic.BehaviorAsync("liar"), behavior => behavior["quarantine"] is not null);
        Assert.True((int)facts["strikeCount"]! >= 3);

        // 1. Nothing new, and it is told why.
        await traffic.Scene.SubmitAsync(new() { TaskId = "not-for-liars", Prompt = "wait", Kind = SubtaskKind.SingleStep, Plan = TaskPlan.Single, DataClass = "mesh" });
        var pull = await agent.PostAsync("/pull", Encoding.UTF8.GetBytes("""{"agentId":"liar","waitMs":0}"""), LyingScene.Stop);
        Assert.Contains("\"blocked\":true", Encoding.UTF8.GetString(pull.Body), StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"quarantined\"", Encoding.UTF8.GetString(pull.Body), StringComparison.Ordinal);
        var beat = Encoding.UTF8.GetString((await agent.PostAsync("/heartbeat", Encoding.UTF8.GetBytes("""{"agentId":"liar","busySlots":1}"""), LyingScene.Stop)).Body);
        Assert.Contains("BHV00", beat, StringComparison.Ordinal);
        Assert.Contains("3 consecutive identical output hashes", beat, StringComparison.Ordinal);

        // 2. The leases that it holds end well; one is not paid before an audit although the draw did not choose it, the other not at all because nobody can run it again.
        await traffic.HandInAsync(agent, work.Skip(3), n => n == 0 ? "good work" : "text");
        Assert.Equal("closed", await ReadAsync("SELECT state FROM results WHERE lease_id = $1", work[4].Lease.LeaseId));
        var unpaid = await traffic.Scene.TaskAsync(work[4].Order.TaskId);
        Assert.Equal((TaskState.Completed, 0m, 0m), (unpaid.State, unpaid.Credits.Posted, unpaid.Credits.Reserved));
        Assert.Equal("audited", await ReadAsync("SELECT state FROM results WHERE lease_id = $1", work[3].Lease.LeaseId));
        Assert.Equal(0, (await traffic.Scene.TaskAsync(work[3].Order.TaskId)).Credits.Posted);

        // 3. An operator keeps it, so that it waits for nobody, and later releases it.
        Assert.Contains(await QuarantinesAsync(), id => id == "liar");
        await traffic.Scene.OperateAsync("/admin/agents/liar/keep", new() { ["reason"] = "seen, stays" });
        Assert.DoesNotContain(await QuarantinesAsync(), id => id == "liar");
        Assert.Equal("seen, stays", (string?)(await traffic.BehaviorAsync("liar"))["quarantine"]!["keptFor"]);
        Assert.Equal("active", (string?)(await traffic.Scene.OperateAsync("/admin/agents/liar/resume", []))["status"]);
        Assert.Null((await traffic.BehaviorAsync("liar"))["quarantine"]);
    }

    [Fact]
    public async Task Two_signed_results_for_one_lease_ban_for_seven_days_with_the_evidence_until_an_operator_revokes()
    {
        var (agent, work) = await traffic.BusyAsync("two-tongued", 2);
        await traffic.HandInAsync(agent, work.Take(1), _ => "good work");
        Assert.Equal("409 result_conflict", (await agent.ReportAsync(work[0], r => r with { Output = "another" }, LyingScene.Stop)).Outcome);

        var entry = (await TrafficScene.SeenAsync(() => EntryAsync("two-tongued"), found => found is not null))!;
        Assert.Equal(("credential_abuse", "rule:P2", 604_800_000), ((string)entry["reasonCode"]!, (string)entry["reportedBy"]!, (long)entry["expiresAtMs"]! - (long)entry["timestampMs"]!));
        await ProvesAsync(entry, "P2", id => id == "two-tongued" ? agent.Key.PublicKey : null);
        Assert.Equal("403 agent_blacklisted credential_abuse", (await agent.ReportAsync(work[0], r => r, LyingScene.Stop)).Outcome);
        await TrafficScene.SeenAsync(() => ReadAsync("SELECT state FROM leases WHERE lease_id = $1", work[1].Lease.LeaseId), state => state == "revoked");

        // Own and others' looks make no second one; nor does one after the revocation.
        await traffic.Services.GetRequiredService<BehaviourWatch>().BanAsync(LyingScene.Stop);
        await traffic.Scene.OperateAsync($"/security/blacklist/{(string?)entry["eventId"]}/revoke", new() { ["reason"] = "appeal upheld" });
        await traffic.Services.GetRequiredService<BehaviourWatch>().BanAsync(LyingScene.Stop);
        Assert.Null(await EntryAsync("two-tongued"));
        var events = (await traffic.Scene.ReadAsync("/security/events"))["events"]!.AsArray().Where(e => (string?)e!["source"]!["id"] == "two-tongued").ToList();
        Assert.Equal(("auto_blacklist_triggered", "CRITICAL"), ((string)Assert.Single(events)!["event"]!, (string)events[0]!["level"]!));
        await VerifiesAsync();
    }

    [Fact]
    public async Task Success_that_two_auditors_refute_bans_and_one_auditor_alone_does_not()
    {
        var tasks = await LyingTasks.UploadAsync(traffic.Scene);
        var worker = await traffic.Scene.AgentAsync("pretender", "acct-pretender");
        await traffic.Scene.SubmitAsync(tasks.Of("checked", SubtaskKind.MicroLoop));
        var queue = traffic.Services.GetRequiredService<ITaskQueue>();
        await queue.ConcludeBaselineAsync("b", await queue.ClaimBaselineAsync("b", LyingScene.Stop), null, 1, LyingScene.Stop);
        var work = Assert.Single(await worker.WorkAsync(64, LyingScene.Stop), w => w.Order.TaskId == "checked");
        await traffic.HandInAsync(worker, [work], _ => "good looking", audit: true);

        var auditors = new[] { await traffic.Scene.AgentAsync("auditor-1", "acct-auditor-1"), await traffic.Scene.AgentAsync("auditor-2", "acct-auditor-2") };
        for (var audits = 0; audits < 2; audits++)
        {
            Assert.Null(await EntryAsync("pretender"));
            var (auditor, audit) = await AuditAsync(auditors, work.Lease.LeaseId);
            Assert.Equal("200", (await TrafficScene.RefuteAsync(auditor, audit)).Outcome);
            await traffic.Services.GetRequiredService<BehaviourWatch>().BanAsync(LyingScene.Stop);
        }

        var entry = (await TrafficScene.SeenAsync(() => EntryAsync("pretender"), found => found is not null))!;
        Assert.Equal("forged_results", (string?)entry["reasonCode"]);
        await ProvesAsync(entry, "P1", id => id switch { "pretender" => worker.Key.PublicKey, "auditor-1" => auditors[0].Key.PublicKey, "auditor-2" => auditors[1].Key.PublicKey, _ => null });
        await VerifiesAsync();
    }

    // F30.
    [Fact]
    public async Task Log_and_security_events_hold_nothing_of_a_person_or_of_the_work()
    {
        var (agent, work) = await traffic.BusyAsync("quiet", 4);
        await traffic.HandInAsync(agent, work.Take(3), _ => "a lie that nobody else may read");
        await TrafficScene.SeenAsync(() => traffic.RulesAsync("quiet"), rules => rules.Count > 1);
        await traffic.HandInAsync(agent, work.Skip(3), _ => "good words that nobody else may read");
        await traffic.Services.GetRequiredService<LogKeeper>().SettleAsync(LyingScene.Stop);

        var told = await traffic.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => (Leaves: batch.Query("SELECT leaf FROM log_leaves", row => Encoding.UTF8.GetString(row.Bytes(0))), Events: batch.Query("SELECT json FROM security_events", row => row.Text(0))), LyingScene.Stop);
        Assert.Contains(told.Leaves, leaf => leaf.Contains("\"quiet\"", StringComparison.Ordinal));
        Assert.Contains(told.Events, json => json.Contains("\"quiet\"", StringComparison.Ordinal));
        foreach (var text in told.Leaves.Concat(told.Events))
        {
            Assert.DoesNotContain("nobody else may read", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Say what", text, StringComparison.Ordinal);
            Assert.DoesNotContain(TextsOf(JsonNode.Parse(text)), value => RecordRules.Identifies(value));
        }
    }

    private static IEnumerable<string> TextsOf(JsonNode? node) => node switch
    {
        JsonObject said => said.SelectMany(member => TextsOf(member.Value)),
        JsonArray items => items.SelectMany(TextsOf),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    // Each agent that could audit has its turn for a minute.
    private async Task<(ScriptedAgent Auditor, OpenedWork Audit)> AuditAsync(IReadOnlyList<ScriptedAgent> auditors, string leaseId)
    {
        for (var minute = 0; minute < 30; minute++)
        {
            await traffic.Scene.AdvanceAsync(TimeSpan.FromSeconds(61));
            foreach (var auditor in auditors)
            {
                if ((await auditor.PullAsync(0, 64, LyingScene.Stop)).FirstOrDefault(w => w.Lease.Purpose is LeasePurpose.Audit && IsAbout(w, leaseId)) is { } audit)
                {
                    return (auditor, audit);
                }
            }
        }

        throw new InvalidOperationException("Nobody was asked to audit.");
    }

    private static bool IsAbout(OpenedWork audit, string leaseId) => audit.Order.Subject!.LeaseId == leaseId;

    private Task LookAsync(string agentId) =>
        traffic.Services.GetRequiredService<BehaviourWatch>().LookAsync(agentId, traffic.Services.GetRequiredService<QueueClock>().GetUtcNow().ToUnixTimeMilliseconds(), LyingScene.Stop);

    private Task<string?> ReadAsync(string sql, string value) =>
        traffic.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Query(sql, row => row.Text(0), value).FirstOrDefault(), LyingScene.Stop);

    private async Task<IReadOnlyList<string?>> QuarantinesAsync() =>
        [.. (await traffic.Scene.ReadAsync("/security/blacklist/reviews"))["quarantines"]!.AsArray().Select(q => (string?)q!["agentId"])];

    private async Task<JsonNode?> EntryAsync(string agentId) =>
        (await traffic.Scene.ReadAsync("/security/blacklist"))["records"]!.AsArray().FirstOrDefault(r => (string?)r!["agentId"] == agentId);

    private async Task ProvesAsync(JsonNode entry, string rule, Func<string, VerifyingKey?> keyOf)
    {
        var bytes = await traffic.Scene.ReadBytesAsync((string)entry["evidenceRef"]!);
        Assert.Equal((string?)entry["evidenceHashSha256"], Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(rule, BlacklistProof.RuleOf(bytes, (string)entry["agentId"]!, keyOf));
        Assert.True((bool)entry["evidenceSignatureVerified"]!);
    }

    // As edgecoder verify blacklist does it.
    private async Task VerifiesAsync()
    {
        var audit = Encoding.UTF8.GetBytes((await traffic.Scene.ReadAsync("/security/blacklist/audit")).ToJsonString());
        Assert.Null(BlacklistVerifier.Check(audit, traffic.Scene.PeerId, new Dictionary<string, VerifyingKey> { [traffic.Scene.PeerId] = traffic.Scene.Role.Identity.Key.PublicKey }).Fault);
    }
}

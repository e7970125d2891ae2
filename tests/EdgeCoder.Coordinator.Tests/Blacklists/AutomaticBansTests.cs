using System.Text.Json;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Coordinator.Tests.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Results;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Blacklists;

/// <summary>When rows ban an agent, for how long, and when they do not (economy-and-ledger 14; F24). What agents really send is in BehaviourTrafficTests.</summary>
public sealed class AutomaticBansTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ban_stands_over_a_restart_and_ends_by_itself_after_seven_days()
    {
        using var data = new TemporaryDirectory();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using (var host = await AgentHost.StartAsync(dataDirectory: data.Path, time: time))
        {
            var agent = await host.EnrolAsync("node-a");
            await ConflictAsync(host, agent.Key, agent.Key);
            Assert.Equal(["node-a"], await host.Get<AutomaticBans>().LookAsync(Cancellation));
            Assert.Empty(await host.Get<AutomaticBans>().LookAsync(Cancellation));
        }

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await using var restarted = await AgentHost.StartAsync(dataDirectory: data.Path, time: time);
        Assert.Empty(await restarted.Get<AutomaticBans>().LookAsync(Cancellation));
        Assert.Equal(AgentStatus.Blacklisted, await StatusAsync(restarted));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(AgentStatus.Blacklisted, await StatusAsync(restarted));
        Assert.Empty(await restarted.Get<AutomaticBans>().LookAsync(Cancellation));
        Assert.Empty((await restarted.ReadAsync("/security/blacklist"))["records"]!.AsArray());
    }

    [Fact]
    public async Task Looks_side_by_side_ban_once()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        await ConflictAsync(host, agent.Key, agent.Key);

        var looks = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Get<AutomaticBans>().LookAsync(Cancellation)));

        Assert.Single(looks, banned => banned.Count > 0);
        Assert.Single((await host.ReadAsync("/security/blacklist/audit"))["events"]!.AsArray());
        Assert.Single((await host.ReadAsync("/security/events"))["events"]!.AsArray(), e => (string?)e!["event"] == "auto_blacklist_triggered");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_key_does_not_make_what_was_signed_before_it_undone(bool both)
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        using var old = agent.Key;
        using var next = SigningKey.Generate();
        await ConflictAsync(host, old, both ? old : next);
        host.Time.Advance(TimeSpan.FromHours(1));
        await RotateAsync(host, agent, next);

        Assert.Equal(["node-a"], await host.Get<AutomaticBans>().LookAsync(Cancellation));
        var entry = (await host.ReadAsync("/security/blacklist"))["records"]!.AsArray().Single()!;
        Assert.Equal(old.PublicKey.KeyId, (string?)entry["subjectKeyId"]);
        Assert.Equal(AgentStatus.Blacklisted, await StatusAsync(host));
    }

    [Fact]
    public async Task A_key_that_was_replaced_before_the_result_proves_nothing()
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        using var old = agent.Key;
        using var next = SigningKey.Generate();
        host.Time.Advance(TimeSpan.FromHours(1));
        await RotateAsync(host, agent, next);
        host.Time.Advance(TimeSpan.FromHours(1));
        await ConflictAsync(host, old, old);

        Assert.Empty(await host.Get<AutomaticBans>().LookAsync(Cancellation));
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("own work")]
    [InlineData("the same result")]
    [InlineData("nine days ago")]
    public async Task Rows_that_prove_nothing_ban_nobody(string what)
    {
        await using var host = await AgentHost.StartAsync();
        var agent = await host.EnrolAsync("node-a");
        using var other = SigningKey.Generate();
        await ConflictAsync(host, agent.Key, what == "another key" ? other : agent.Key, payer: what == "own work" ? "owner-1" : "somebody-else", same: what == "the same result");
        if (what == "nine days ago")
        {
            host.Time.Advance(TimeSpan.FromDays(9));
        }

        Assert.Empty(await host.Get<AutomaticBans>().LookAsync(Cancellation));
        Assert.Empty((await host.ReadAsync("/security/blacklist/audit"))["events"]!.AsArray());
    }

    private static async Task RotateAsync(AgentHost host, TestAgent agent, SigningKey next)
    {
        var statement = new AgentRotation { AgentId = agent.AgentId, OldKeyId = agent.Key.PublicKey.KeyId, NewPublicKeyPem = next.PublicKey.Pem, IssuedAtMs = host.NowMs };
        var rotation = Convert.ToBase64String(SignedDocument.Sign(DocumentContexts.AgentRotation, statement, MeshJson.Default.AgentRotation, agent.Key));
        agent.Key = next;
        var answer = await agent.RegisterAsync(body => { body["rotation"] = rotation; body.Remove("registrationToken"); });
        Assert.True(answer.Status == 200, answer.Text);
    }

    private static async Task<AgentStatus> StatusAsync(AgentHost host) => (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status;

    internal static Task ConflictAsync(AgentHost host, SigningKey first, SigningKey second, string payer = "somebody-else", bool same = false) => host.Get<IStoreWriter>().WriteAsync(
        batch => batch.TryInsert(BlankRow.Of<TaskRow>(task => (task.TaskId, task.AccountId) = ("task-1", payer)))
            && batch.TryInsert(BlankRow.Of<LeaseRow>(lease => (lease.LeaseId, lease.TaskId, lease.AgentId, lease.OwnerAccountId) = ("lease-1", "task-1", "node-a", "owner-1")))
            && batch.TryInsert(BlankRow.Of<ResultRow>(result => (result.LeaseId, result.TaskId, result.AgentId, result.ReportedAtMs, result.Report, result.Conflict) =
                ("lease-1", "task-1", "node-a", host.NowMs, Signed(first, "one"), Signed(second, same ? "one" : "two")))),
        Cancellation);

    private static byte[] Signed(SigningKey key, string output)
    {
        var report = new ResultReport { LeaseId = "lease-1", SubtaskId = "subtask-1", AgentId = "node-a", Ok = true, Output = output, ReportNonce = "AAAA" };
        report = report with { ResultDigest = ResultDigest.Of(report) };
        return JsonSerializer.SerializeToUtf8Bytes(report with { ReportSignature = ReportSignature.Sign(report, key) }, MeshJson.Default.ResultReport);
    }
}

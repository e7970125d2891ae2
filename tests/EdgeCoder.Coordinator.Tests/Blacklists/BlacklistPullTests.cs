using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Blacklists;

/// <summary>Blacklists between coordinators, over HTTP (economy-and-ledger 14; F20, F24).</summary>
public sealed class BlacklistPullTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_of_a_peer_come_in_their_order_once_and_quarantine_until_it_ends_them()
    {
        await using var source = await AgentHost.StartAsync(time: _time);
        await using var here = await AgentHost.StartAsync(time: _time, peerId: "coord-here");
        await here.EnrolAsync("node-a");
        var pull = await PeersAsync(here, source);
        Assert.Equal(0, await RunAsync(pull));

        // More than a page; the first is about an agent of here.
        var ban = await BanAsync(source, "node-a");
        for (var n = 0; n < 60; n++)
        {
            await BanAsync(source, $"other-{n}");
        }

        Assert.Equal(61, await RunAsync(pull));
        Assert.Equal(0, await RunAsync(pull));
        Assert.Equal((AgentStatus.Quarantined, "node-a"), (await StatusAsync(here), (string?)(await here.ReadAsync("/security/blacklist/reviews"))["quarantines"]![0]!["agentId"]));
        Assert.Equal((await source.ReadAsync("/security/blacklist"))["records"]!.ToJsonString(), (await here.ReadAsync("/security/blacklist"))["records"]!.ToJsonString());

        await source.OperateAsync($"/security/blacklist/{ban}/revoke", new { reason = "a mistake" });
        Assert.Equal(1, await RunAsync(pull));
        Assert.Equal(AgentStatus.Active, await StatusAsync(here));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Proof_of_a_peer_bans_only_whom_it_proves_here(bool sameKey)
    {
        await using var source = await AgentHost.StartAsync(time: _time);
        await using var here = await AgentHost.StartAsync(time: _time, peerId: "coord-here");
        var agent = await source.EnrolAsync("node-a");
        using var other = SigningKey.Generate();
        await here.EnrolAsync("node-a", key: sameKey ? SigningKey.FromPem(agent.Key.ToPem()) : other);
        var pull = await PeersAsync(here, source);
        await AutomaticBansTests.ConflictAsync(source, agent.Key, agent.Key);
        Assert.Equal(["node-a"], await source.Get<AutomaticBans>().LookAsync(Cancellation));

        Assert.Equal(1, await RunAsync(pull));
        Assert.Equal(sameKey ? AgentStatus.Blacklisted : AgentStatus.Quarantined, await StatusAsync(here));
        Assert.Equal(sameKey, here.Queue.Changes.Contains(("node-a", true, "agent_blacklisted")));
    }

    [Theory]
    [InlineData("reason")]
    [InlineData("signature")]
    [InlineData("gap")]
    [InlineData("source")]
    public async Task What_a_peer_changes_or_makes_up_is_not_taken(string what)
    {
        await using var source = await AgentHost.StartAsync(time: _time);
        await using var here = await AgentHost.StartAsync(time: _time, peerId: "coord-here");
        await here.EnrolAsync("node-a");
        await BanAsync(source, "node-a");
        await BanAsync(source, "node-b");
        var pull = await PeersAsync(here, source, text => Change(text, what), what == "source" ? "coord-another" : null);
        var before = await here.DumpAsync();

        Assert.Equal(0, await RunAsync(pull));
        Assert.Equal(before, await here.DumpAsync());
        Assert.Equal(AgentStatus.Active, await StatusAsync(here));
    }

    private static string Change(string text, string what)
    {
        var answer = JsonNode.Parse(text)!;
        var events = answer["events"]!.AsArray();
        switch (what)
        {
            case "reason":
                events[0]!["reason"] = "another";
                break;
            case "signature":
                events[0]!["coordinatorSignature"] = (string)events[1]!["coordinatorSignature"]!;
                break;
            case "gap":
                events.RemoveAt(0);
                break;
            default:
                break;
        }

        return answer.ToJsonString();
    }

    private async Task<(BlacklistPull Pull, PeerRow Peer)> PeersAsync(AgentHost here, AgentHost source, Func<string, string>? change = null, string? name = null)
    {
        var peer = new PeerRow
        {
            PeerId = name ?? source.Identity.PeerId, CoordinatorUrl = "https://peer.localhost", NetworkMode = "public_mesh", Status = PeerStatus.Active, ApprovedBy = "op-1", ApprovedAtMs = here.NowMs,
        };
        var key = new PeerKeyRow { PeerId = peer.PeerId, KeyId = source.Identity.Key.PublicKey.KeyId, PublicKeyPem = source.Identity.Key.PublicKey.Pem, FromMs = here.NowMs - 1 };
        await here.Get<IStoreWriter>().WriteAsync(batch => batch.TryInsert(peer) && batch.TryInsert(key), Cancellation);
        var options = new PeerOptions { Handler = () => new Line(source, change ?? (text => text)) };
        return (
            new(new PeerCalls(here.Identity, options, _time), new PeerDirectory(here.Get<IDbContextFactory<CoordinatorContext>>(), _time), here.Get<BlacklistChain>(), here.Directory, here.Get<AgentKeyHistory>(), here.Identity, here.Get<IStoreWriter>(), here.Queue, options, here.Get<QueueClock>()),
            peer);
    }

    private static Task<int> RunAsync((BlacklistPull Pull, PeerRow Peer) made) => made.Pull.RunAsync(made.Peer, Cancellation);

    private static async Task<AgentStatus> StatusAsync(AgentHost host) => (await host.Directory.FindAsync("node-a", false, Cancellation))!.Status;

    private static async Task<string> BanAsync(AgentHost host, string agentId) => (string)(await host.OperateAsync(
        "/security/blacklist",
        new JsonObject { ["agentId"] = agentId, ["reasonCode"] = "manual_review", ["reason"] = "by a test", ["reporterId"] = "op-1", ["timestampMs"] = host.NowMs, ["evidenceHashSha256"] = new string('e', 64) }))["record"]!["eventId"]!;

    // To the peer's own routes. That they are a peer's too is in RouteContractTests; here an operator asks, so that the agents' part of a coordinator is enough.
    private sealed class Line(AgentHost source, Func<string, string> change) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var asked = new HttpRequestMessage(request.Method, new Uri(source.Address, request.RequestUri!.PathAndQuery));
            asked.Headers.Add("x-admin-token", AgentHost.AdminToken);
            var answer = await base.SendAsync(asked, cancellationToken);
            if (request.RequestUri.AbsolutePath.EndsWith("/audit", StringComparison.Ordinal) && answer.IsSuccessStatusCode && (await answer.Content.ReadAsStringAsync(cancellationToken)) is var text && text.Contains("eventId", StringComparison.Ordinal))
            {
                answer.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(change(text)));
            }

            return answer;
        }
    }
}

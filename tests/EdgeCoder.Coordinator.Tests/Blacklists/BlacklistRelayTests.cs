using System.Net;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Agents;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Blacklists;

/// <summary>Events of a coordinator that cannot be reached come through others, with its own signatures (economy-and-ledger 14; F20).</summary>
public sealed class BlacklistRelayTests
{
    private static readonly string[] Names = ["coord-a", "coord-b", "coord-c"];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_of_one_that_is_away_come_through_another_and_once()
    {
        await using var mesh = await MeshAsync();
        await mesh.BanAsync(0, "agent-1");
        await mesh.BanAsync(0, "agent-2");
        await mesh.ExchangeAsync(1);
        mesh.Away.Add("coord-a");
        await mesh.ExchangeAsync(2);
        Assert.Equal(await mesh.ListAsync(1), await mesh.ListAsync(2));
        Assert.Contains("agent-2", await mesh.ListAsync(2), StringComparison.Ordinal);

        mesh.Away.Clear();
        await mesh.ExchangeAsync(2);
        Assert.Equal(2, (int)(await mesh.Hosts[2].ReadAsync("/security/blacklist"))["version"]!);
    }

    [Fact]
    public async Task Who_relays_can_change_nothing()
    {
        await using var mesh = await MeshAsync();
        await mesh.BanAsync(0, "agent-1");
        await mesh.ExchangeAsync(1);
        mesh.Away.Add("coord-a");
        mesh.Change = text => text.Replace("agent-1", "agent-9", StringComparison.Ordinal);
        await mesh.ExchangeAsync(2);
        Assert.Equal("", await mesh.ListAsync(2));

        mesh.Change = null;
        await mesh.ExchangeAsync(2);
        Assert.Contains("agent-1", await mesh.ListAsync(2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Three_end_with_one_list_in_whatever_order_it_reaches_them(int seed)
    {
        var random = new Random(seed);
        await using var mesh = await MeshAsync();
        List<(int Host, string Event)> open = [];
        for (var step = 0; step < 30; step++)
        {
            var host = random.Next(3);
            switch (random.Next(5))
            {
                case 0:
                    open.Add((host, await mesh.BanAsync(host, $"agent-{random.Next(4)}-{step}")));
                    break;
                case 1 when open.Count > 0:
                    var (at, id) = open[random.Next(open.Count)];
                    await mesh.Hosts[at].OperateAsync($"/security/blacklist/{id}/revoke", new { reason = "a mistake" });
                    open.Remove((at, id));
                    break;
                case 2:
                    mesh.Away.Clear();
                    mesh.Away.Add(Names[random.Next(3)]);
                    break;
                default:
                    await mesh.ExchangeAsync(host);
                    break;
            }
        }

        mesh.Away.Clear();
        for (var host = 0; host < 6; host++)
        {
            await mesh.ExchangeAsync(host % 3);
        }

        var lists = new[] { await mesh.ListAsync(0), await mesh.ListAsync(1), await mesh.ListAsync(2) };
        Assert.Equal(string.Join(',', open.Select(one => one.Event).Order(StringComparer.Ordinal)), string.Join(',', lists[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('=')[0])));
        Assert.Equal([lists[0], lists[0]], lists[1..]);
    }

    private async Task<Mesh> MeshAsync()
    {
        var hosts = new List<AgentHost>();
        foreach (var name in Names)
        {
            hosts.Add(await AgentHost.StartAsync(time: _time, peerId: name));
        }

        var mesh = new Mesh(hosts, _time);
        await mesh.ApproveAsync();
        return mesh;
    }

    private sealed class Mesh(List<AgentHost> hosts, FakeTimeProvider time) : IAsyncDisposable
    {
        public IReadOnlyList<AgentHost> Hosts => hosts;

        public HashSet<string> Away { get; } = [];

        /// <summary>What a relay makes of events that are not its own.</summary>
        public Func<string, string>? Change { get; set; }

        public async Task ApproveAsync()
        {
            foreach (var host in hosts)
            {
                foreach (var other in hosts.Where(other => other != host))
                {
                    var id = other.Identity.PeerId;
                    var key = other.Identity.Key.PublicKey;
                    await host.Get<IStoreWriter>().WriteAsync(
                        batch => batch.TryInsert(new PeerRow { PeerId = id, CoordinatorUrl = $"https://{id}.localhost", NetworkMode = "public_mesh", Status = PeerStatus.Active, ApprovedBy = "op-1", ApprovedAtMs = 1 })
                            && batch.TryInsert(new PeerKeyRow { PeerId = id, KeyId = key.KeyId, PublicKeyPem = key.Pem, FromMs = 0 }),
                        Stop);
                }
            }
        }

        public async Task<string> BanAsync(int at, string agentId) => (string)(await hosts[at].OperateAsync(
            "/security/blacklist",
            new JsonObject { ["agentId"] = agentId, ["reasonCode"] = "manual_review", ["reason"] = "by a test", ["reporterId"] = "op-1", ["timestampMs"] = hosts[at].NowMs, ["evidenceHashSha256"] = new string('e', 64) }))["record"]!["eventId"]!;

        public async Task ExchangeAsync(int at)
        {
            var here = hosts[at];
            var options = new PeerOptions { Handler = () => new Lines(this) };
            var peers = new PeerDirectory(here.Get<IDbContextFactory<CoordinatorContext>>(), time);
            var pull = new BlacklistPull(new PeerCalls(here.Identity, options, time), peers, here.Get<BlacklistChain>(), here.Directory, here.Get<AgentKeyHistory>(), here.Identity, here.Get<IStoreWriter>(), here.Queue, options, here.Get<QueueClock>());
            using var exchange = new BlacklistExchange(peers, pull, options, time, NullLogger<BlacklistExchange>.Instance);
            await exchange.RunAsync(Stop);
        }

        public async Task<string> ListAsync(int at) => string.Join(
            ' ', (await hosts[at].ReadAsync("/security/blacklist"))["records"]!.AsArray().Select(entry => $"{entry!["eventId"]}={entry["agentId"]}").Order(StringComparer.Ordinal));

        public async ValueTask DisposeAsync()
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }

        // An operator asks in place of the peer, so that the agents' part of a coordinator is enough.
        private sealed class Lines(Mesh mesh) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var name = request.RequestUri!.Host.Split('.')[0];
                if (mesh.Away.Contains(name))
                {
                    throw new HttpRequestException("It is away.");
                }

                using var asked = new HttpRequestMessage(request.Method, new Uri(mesh.Hosts.Single(host => host.Identity.PeerId == name).Address, request.RequestUri.PathAndQuery));
                asked.Headers.Add("x-admin-token", AgentHost.AdminToken);
                var answer = await base.SendAsync(asked, cancellationToken);
                if (mesh.Change is { } change && answer.StatusCode == HttpStatusCode.OK)
                {
                    answer.Content = new StringContent(change(await answer.Content.ReadAsStringAsync(cancellationToken)));
                }

                return answer;
            }
        }
    }
}

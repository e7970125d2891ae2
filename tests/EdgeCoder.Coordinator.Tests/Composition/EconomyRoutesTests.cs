using System.Net;
using System.Text.Json.Nodes;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.TestKit.Bitcoin;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>Every route that sections 1 and 4 to 17 of economy-and-ledger name for a coordinator and for the anchor proxy is mapped (F32).</summary>
public sealed class EconomyRoutesTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    private const string Named = """
        GET /identity
        GET /credits/*/balance
        GET /credits/*/history
        POST /credits/*/faucet
        POST /credits/*/adjust
        POST /credits/accounts
        POST /credits/accounts/*/members
        POST /credits/accounts/*/agents/link
        GET /credits/accounts/*/agents
        GET /credits/users/*/accounts
        POST /economy/wallets/register
        GET /economy/wallets/*
        GET /wallets/*
        POST /economy/payables/*/adjust
        GET /agents/catalog
        GET /economy/price/current
        GET /economy/price/quote
        GET /economy/credits/*/quote
        POST /economy/price/propose
        POST /economy/price/consensus
        POST /economy/price/epochs/*/approve
        GET /mesh/reputation
        POST /economy/payments/intents
        GET /economy/payments/intents/*
        POST /economy/payments/intents/*/confirm
        POST /economy/payments/intents/*/cancel
        POST /economy/payments/webhook
        POST /economy/payments/reconcile
        POST /economy/treasury/policies
        POST /economy/treasury/policies/*/activate
        GET /economy/treasury
        POST /economy/issuance/recalculate
        GET /economy/issuance/current
        GET /economy/issuance/history
        GET /economy/issuance/rolling/*
        POST /economy/issuance/quorum/vote
        GET /economy/issuance/quorum/*
        POST /economy/issuance/anchor
        GET /economy/issuance/anchors
        POST /economy/issuance/reconcile
        GET /ledger/checkpoint
        GET /ledger/tile/*
        GET /ledger/proof/inclusion
        GET /ledger/proof/consistency
        GET /ledger/snapshot
        GET /ledger/verify
        POST /ledger/verify
        POST /ledger/witness/add-checkpoint
        POST /stats/ledger/ingest
        GET /stats/ledger/head
        GET /stats/ledger/range
        POST /stats/anchors/anchor-latest
        GET /stats/anchors/set
        GET /stats/anchors/verify
        GET /stats/projections/summary
        GET /stats/network/summary
        POST /security/blacklist
        GET /security/blacklist
        GET /security/blacklist/audit
        POST /security/blacklist/*/appeal
        POST /security/blacklist/*/revoke
        GET /admin/agents/*/behavior
        POST /credits/offline-allowances
        POST /credits/ble-sync
        """;

    [Fact]
    public void Every_route_that_the_specification_names_is_there()
    {
        var mapped = WalkedRoute.Of(coordinator.Role.Routes).Select(route => System.Text.RegularExpressions.Regex.Replace(route.Name, @"\{[^}]*\}", "*").TrimEnd('/')).ToHashSet(StringComparer.Ordinal);
        Assert.Equal("", string.Join(", ", Named.Split('\n', StringSplitOptions.TrimEntries).Where(route => !mapped.Contains(route))));
    }

    [Fact]
    public async Task Every_route_of_the_anchor_proxy_is_there_and_all_but_health_want_the_bearer()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await ScriptedBitcoind.StartAsync(new(BitcoinNetwork.Signet.Genesis, 100_000));
        await using var proxy = await AnchorProxyRole.StartAsync(
            new()
            {
                Listener = ListenerSettings.Loopback(0),
                DataDirectory = directory["proxy"],
                Token = "token-of-the-anchor-proxy-0123456789-abc",
                Bitcoind = new() { Url = node.Address, User = ScriptedBitcoind.User, Password = ScriptedBitcoind.Password, Wallet = ScriptedBitcoind.Wallet, Network = BitcoinNetwork.Signet },
            },
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = proxy.Url };
        foreach (var (method, path, status) in new[]
        {
            ("POST", "/anchor/broadcast", 401), ("GET", "/anchor/confirm/" + new string('1', 64), 401), ("GET", "/health/detailed", 401), ("GET", "/health", 200), ("GET", "/anchor/unknown", 404),
        })
        {
            using var request = new HttpRequestMessage(new(method), path);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((path, status), (path, (int)answer.StatusCode));
        }
    }

    [Fact]
    public async Task The_network_is_counted_without_names_and_scores_of_peers_are_shown()
    {
        using var http = new HttpClient { BaseAddress = coordinator.Role.Url };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/stats/network/summary", TestContext.Current.CancellationToken)).StatusCode);
        http.DefaultRequestHeaders.Add("x-admin-token", ComposedCoordinator.AdminToken);
        var text = await http.GetStringAsync("/stats/network/summary", TestContext.Current.CancellationToken);
        var told = JsonNode.Parse(text)!;
        Assert.Equal((3, 2, 2, 1), ((int)told["nodes"]!["enrolled"]!, (int)told["nodes"]!["approved"]!, (int)told["nodes"]!["agents"]!, (int)told["nodes"]!["coordinators"]!));
        Assert.Equal((0, 0, 0), ((int)told["live"]!["queueDepth"]!, (int)told["live"]!["activeTunnels"]!, (int)told["live"]!["modelsAvailable"]!));
        Assert.DoesNotContain("agent-approved", text, StringComparison.Ordinal);
        Assert.Equal("""{"peers":[]}""", await http.GetStringAsync("/mesh/reputation", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Scores_begin_in_the_middle_and_stay_within_their_ends()
    {
        var scores = await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                List<int> seen = [PeerScores.Of(batch, "coord-x")];
                foreach (var by in new[] { 1, -5, 200, 1, -500, -1 })
                {
                    PeerScores.Change(batch, "coord-x", by);
                    seen.Add(PeerScores.Of(batch, "coord-x"));
                }

                batch.Execute("DELETE FROM peer_scores");
                return seen;
            },
            TestContext.Current.CancellationToken);
        Assert.Equal([100, 101, 96, 200, 200, 0, 0], scores);
    }
}

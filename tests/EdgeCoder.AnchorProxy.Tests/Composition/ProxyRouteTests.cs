using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.TestKit.Bitcoin;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.AnchorProxy.Tests.Composition;

public sealed class ProxyRouteTests
{
    private static readonly string Unknown = new('1', 64);

    [Fact]
    public async Task Every_route_but_health_wants_the_bearer()
    {
        await using var scene = await ProxyScene.StartAsync();
        foreach (var route in scene.Role.Routes.OfType<RouteEndpoint>())
        {
            var rule = route.Metadata.GetMetadata<ProxyRule>();
            Assert.NotNull(rule);
            Assert.Equal(route.RoutePattern.RawText != "/health", rule.Token);
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single();
            foreach (var token in rule.Token ? new[] { null, "", "x", ProxyScene.Token + "x", ScriptedBitcoind.Password } : [])
            {
                var (status, body) = await scene.SendAsync(method, route.RoutePattern.RawText!.Replace("{txid}", Unknown, StringComparison.Ordinal), method == "POST" ? new { } : null, token);
                Assert.Equal((401, "unauthorized"), (status, body.GetProperty("error").GetString()));
            }
        }

        Assert.Empty(scene.Node.Calls);
    }

    [Fact]
    public async Task Confirmations_are_those_of_the_best_chain()
    {
        await using var scene = await ProxyScene.StartAsync();
        var txid = (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString();
        Assert.Equal((false, 0L), await ConfirmedAsync(scene, txid!));

        scene.Chain.Mine(3);

        var (_, body) = await scene.SendAsync("GET", $"/anchor/confirm/{txid}");
        Assert.Equal((true, 3L, 11L), (body.GetProperty("confirmed").GetBoolean(), body.GetProperty("confirmations").GetInt64(), body.GetProperty("blockHeight").GetInt64()));
        Assert.Equal(scene.Chain.Best[11].Hash, body.GetProperty("blockHash").GetString());
        Assert.Equal(ProxyScene.DataHex, body.GetProperty("dataHex").GetString());
    }

    [Fact]
    public async Task A_block_that_left_is_proven_and_one_that_nobody_knows_is_not()
    {
        await using var scene = await ProxyScene.StartAsync();
        var txid = (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString();
        scene.Chain.Mine();
        var block = scene.Chain.Best[^1].Hash;
        Assert.False((await scene.SendAsync("GET", $"/anchor/confirm/{txid}?blockHash={block}")).Body.GetProperty("namedBlockLeft").GetBoolean());

        scene.Chain.Reorganise(1);
        Assert.True((await scene.SendAsync("GET", $"/anchor/confirm/{txid}?blockHash={block}")).Body.GetProperty("namedBlockLeft").GetBoolean());

        scene.Chain.ForgetWhatLeft();
        var (status, body) = await scene.SendAsync("GET", $"/anchor/confirm/{txid}?blockHash={block}");
        Assert.Equal(200, status);
        Assert.False(body.TryGetProperty("namedBlockLeft", out _));
    }

    [Fact]
    public async Task What_is_no_transaction_id_is_refused_and_an_unknown_one_is_not_confirmed()
    {
        await using var scene = await ProxyScene.StartAsync();
        Assert.Equal("invalid_txid", (await scene.SendAsync("GET", "/anchor/confirm/xyz")).Body.GetProperty("error").GetString());
        Assert.Equal("invalid_block_hash", (await scene.SendAsync("GET", $"/anchor/confirm/{Unknown}?blockHash=1")).Body.GetProperty("error").GetString());
        Assert.Equal((false, 0L), await ConfirmedAsync(scene, Unknown));

        scene.Node.Cut.Add("gettransaction");
        var (status, body) = await scene.SendAsync("GET", $"/anchor/confirm/{Unknown}");
        Assert.Equal((502, "confirmation_check_failed"), (status, body.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Health_is_open_and_its_details_are_not()
    {
        await using var scene = await ProxyScene.StartAsync();
        var (status, body) = await scene.SendAsync("GET", "/health", token: null);
        Assert.Equal((200, "signet", "signet", 10L, true, "anchor-proxy"), (
            status, body.GetProperty("network").GetString(), body.GetProperty("chain").GetString(), body.GetProperty("blocks").GetInt64(), body.GetProperty("walletAvailable").GetBoolean(), body.GetProperty("provider").GetString()));

        var detailed = (await scene.SendAsync("GET", "/health/detailed")).Body;
        Assert.Equal((100_000, "sats", 10, 0), (
            detailed.GetProperty("node").GetProperty("walletBalance").GetInt64(), detailed.GetProperty("node").GetProperty("unit").GetString(),
            detailed.GetProperty("rateLimit").GetProperty("maxPerMinute").GetInt32(), detailed.GetProperty("rateLimit").GetProperty("currentWindow").GetInt32()));
    }

    [Theory]
    [InlineData("down")]
    [InlineData("other chain")]
    public async Task Health_is_503_without_a_node_of_our_network(string state)
    {
        await using var scene = await ProxyScene.StartAsync();
        if (state == "down")
        {
            scene.Node.Cut.Add("*");
        }
        else
        {
            scene.Node.ChainName = "main";
        }

        foreach (var path in new[] { "/health", "/health/detailed" })
        {
            var (status, body) = await scene.SendAsync("GET", path);
            Assert.Equal((503, "health_check_failed", false), (status, body.GetProperty("error").GetString(), body.GetProperty("ok").GetBoolean()));
        }
    }

    [Fact]
    public void Everything_that_is_missing_is_named_in_one_message()
    {
        var fault = Assert.Single(Faults([]));
        Assert.Contains("ANCHOR_PROXY_TOKEN, BITCOIND_RPC_URL, BITCOIND_RPC_USER, BITCOIND_RPC_PASSWORD", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ANCHOR_PROXY_TOKEN", "short")]
    [InlineData("BITCOIND_RPC_URL", "http://bitcoin.test:8332")]
    [InlineData("BITCOIN_NETWORK", "litecoin")]
    [InlineData("ANCHOR_MAX_FEE_SATS", "0")]
    [InlineData("MAX_BROADCASTS_PER_MINUTE", "601")]
    [InlineData("ANCHOR_PROXY_PORT", "x")]
    public void A_wrong_setting_stops_the_start_with_its_name(string name, string value)
    {
        var fault = Assert.Single(Faults(new()
        {
            ["ANCHOR_PROXY_TOKEN"] = ProxyScene.Token, ["BITCOIND_RPC_URL"] = "http://127.0.0.1:8332", ["BITCOIND_RPC_USER"] = "u", ["BITCOIND_RPC_PASSWORD"] = "p", [name] = value,
        }));
        Assert.StartsWith(name, fault, StringComparison.Ordinal);
    }

    private static async Task<(bool, long)> ConfirmedAsync(ProxyScene scene, string txid)
    {
        var (status, body) = await scene.SendAsync("GET", $"/anchor/confirm/{txid}");
        Assert.Equal(200, status);
        return (body.GetProperty("confirmed").GetBoolean(), body.GetProperty("confirmations").GetInt64());
    }

    private static IReadOnlyList<string> Faults(Dictionary<string, string> environment)
    {
        var reader = new SettingsReader(name => environment.GetValueOrDefault(name));
        AnchorProxySettings.Read(reader, "/data", null);
        return reader.Faults;
    }
}

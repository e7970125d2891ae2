using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EdgeCoder.TestKit.Bitcoin;
using EdgeCoder.TestKit.Listeners;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>The anchor proxy as a process of its own between a coordinator and a node (docs/anchoring.md): killed at any moment, it sends each checkpoint once, and nobody else holds the node's credentials.</summary>
public sealed class AnchorProxyTests
{
    private const string AdminToken = "operator-token-of-the-anchor-test-0123";
    private const string ProxyToken = "bearer-of-the-anchor-proxy-0123456789-";
    private const string SignetGenesis = "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6";

    private static CancellationToken Patience => CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(ProgramRun.Patience).Token).Token;

    [Fact]
    public async Task A_checkpoint_goes_through_a_proxy_that_is_killed_between_and_is_sent_once()
    {
        var chain = new ScriptedChain(SignetGenesis, 100_000, 90_000);
        await using var node = await ScriptedBitcoind.StartAsync(chain);
        using var port = HeldPort.Take();
        await using var proxy = new RunningCoordinator(selfAgent: false, role: "anchor-proxy");
        await using var up = new RunningCoordinator(selfAgent: false);
        Set(proxy, ("ANCHOR_PROXY_PORT", port.ToString()), ("ANCHOR_PROXY_TOKEN", ProxyToken), ("BITCOIN_NETWORK", "signet"), ("BITCOIND_RPC_URL", node.Address.ToString()), ("BITCOIND_RPC_USER", ScriptedBitcoind.User),
            ("BITCOIND_RPC_PASSWORD", ScriptedBitcoind.Password), ("BITCOIND_WALLET_NAME", ScriptedBitcoind.Wallet));
        Set(up, ("ADMIN_API_TOKEN", AdminToken), ("BITCOIN_NETWORK", "signet"), ("BITCOIN_ANCHOR_PROVIDER", "anchor-proxy"), ("ANCHOR_PROXY_URL", $"http://127.0.0.1:{port}"), ("ANCHOR_PROXY_TOKEN", ProxyToken));

        // Nobody is there: the row waits and says why.
        await up.StartAsync(Patience);
        Assert.Equal("pending", (await LatestAsync(up, anchor => anchor.GetProperty("lastCheckError").GetString() is { Length: > 0 })).GetProperty("status").GetString());

        // The proxy has signed when its node breaks off; it is killed, and sends what it signed when it is there again.
        node.Cut.Add("sendrawtransaction");
        await proxy.StartAsync(Patience);
        await LatestAsync(up, _ => node.Calls.Contains("sendrawtransaction"));
        await proxy.KillAsync();
        Assert.Empty(chain.Taken);
        node.Cut.Clear();
        await proxy.StartAsync(Patience);
        var sent = await LatestAsync(up, anchor => anchor.GetProperty("status").GetString() == "broadcast");
        Assert.Equal(Assert.Single(chain.Taken).Txid, sent.GetProperty("txRef").GetString());
        Assert.Single(node.Calls, "walletprocesspsbt");

        // In a block, while the proxy is away; it is seen there when the proxy has come back, also by a coordinator that was killed.
        await proxy.KillAsync();
        await up.KillAsync();
        chain.Mine();
        await up.StartAsync(Patience);
        await proxy.StartAsync(Patience);
        var anchored = await LatestAsync(up, anchor => anchor.GetProperty("status").GetString() == "anchored");
        Assert.Equal(sent.GetProperty("txRef").GetString(), anchored.GetProperty("txRef").GetString());
        await AccessAsync(port, sent.GetProperty("txRef").GetString()!);
    }

    [Fact]
    public async Task It_does_not_start_without_its_settings()
    {
        await using var proxy = new RunningCoordinator(selfAgent: false, role: "anchor-proxy");
        var result = await proxy.Run.ToEndAsync("up", "--role", "anchor-proxy", "--json");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ANCHOR_PROXY_TOKEN, BITCOIND_RPC_URL, BITCOIND_RPC_USER, BITCOIND_RPC_PASSWORD", result.Output + result.Error, StringComparison.Ordinal);
    }

    private static void Set(RunningCoordinator process, params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            process.Run.Environment[name] = value;
        }
    }

    // Each call does the next step; it is asked until the anchor is as wanted.
    private static async Task<JsonElement> LatestAsync(RunningCoordinator up, Func<JsonElement, bool> wanted)
    {
        using var http = new HttpClient { BaseAddress = up.Url, Timeout = ProgramRun.Patience };
        http.DefaultRequestHeaders.Add("x-admin-token", AdminToken);
        while (true)
        {
            using var answer = await http.PostAsync(new Uri("/stats/anchors/anchor-latest", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"), Patience);
            var text = await answer.Content.ReadAsStringAsync(Patience);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
            using var told = JsonDocument.Parse(text);
            if (told.RootElement.GetProperty("anchor") is { ValueKind: JsonValueKind.Object } anchor && wanted(anchor))
            {
                return anchor.Clone();
            }
        }
    }

    private static async Task AccessAsync(HeldPort port, string txid)
    {
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = ProgramRun.Patience };
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri("/health", UriKind.Relative), Patience));
        Assert.Equal(("signet", "anchor-proxy"), (health.RootElement.GetProperty("network").GetString(), health.RootElement.GetProperty("provider").GetString()));
        foreach (var path in new[] { "/health/detailed", "/anchor/confirm/" + txid })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri(path, UriKind.Relative), Patience)).StatusCode);
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ProxyToken);
        foreach (var path in new[] { "/health/detailed", "/anchor/confirm/" + txid })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Patience);
            var text = await answer.Content.ReadAsStringAsync(Patience);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.All([ScriptedBitcoind.Password, ProxyToken], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }
    }
}

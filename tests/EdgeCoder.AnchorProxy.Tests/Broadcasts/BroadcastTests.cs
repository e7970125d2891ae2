using EdgeCoder.AnchorProxy.Tests.Composition;
using EdgeCoder.TestKit.Bitcoin;

namespace EdgeCoder.AnchorProxy.Tests.Broadcasts;

public sealed class BroadcastTests
{
    private const string Other = "454301ef25ba4a5ef017b6d1c7ef5ab0b44bfeef5955e83002afb10897d3ea90f13d2d";

    [Fact]
    public async Task A_payload_is_signed_looked_at_and_sent_with_the_calls_of_a_real_node()
    {
        await using var scene = await ProxyScene.StartAsync();

        var (status, body) = await scene.BroadcastAsync();

        Assert.Equal(200, status);
        var sent = Assert.Single(scene.Chain.Taken);
        Assert.Equal((true, sent.Txid), (body.GetProperty("ok").GetBoolean(), body.GetProperty("txid").GetString()));
        Assert.Equal(ProxyScene.DataHex, sent.DataHex);
        Assert.Equal(
            ["getblockchaininfo", "walletcreatefundedpsbt", "walletprocesspsbt", "finalizepsbt", "getblockchaininfo", "gettransaction", "testmempoolaccept", "sendrawtransaction"], scene.Node.Calls);
    }

    [Fact]
    public async Task The_same_payload_has_the_same_transaction_also_after_a_restart()
    {
        await using var scene = await ProxyScene.StartAsync();
        var first = (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString();
        scene.Chain.Mine();

        await scene.RestartAsync();
        scene.Time.Advance(TimeSpan.FromHours(23));

        Assert.Equal(first, (await scene.BroadcastAsync(ProxyScene.DataHex.ToUpperInvariant())).Body.GetProperty("txid").GetString());
        Assert.Single(scene.Chain.Taken);
    }

    [Theory]
    [InlineData("testmempoolaccept")]
    [InlineData("sendrawtransaction")]
    public async Task What_dies_between_signing_and_sending_is_sent_with_the_same_bytes(string method)
    {
        await using var scene = await ProxyScene.StartAsync();
        scene.Node.Cut.Add(method);
        Assert.Equal(502, (await scene.BroadcastAsync()).Status);
        await scene.RestartAsync();
        scene.Node.Cut.Clear();
        scene.Node.FeeSats = 999;

        Assert.Equal(200, (await scene.BroadcastAsync()).Status);

        Assert.Equal(100_000 - 250, Assert.Single(scene.Chain.Taken).ChangeSats);
        Assert.Single(scene.Node.Calls, call => call == "walletcreatefundedpsbt");
    }

    [Fact]
    public async Task A_lost_answer_of_the_node_sends_nothing_twice()
    {
        await using var scene = await ProxyScene.StartAsync();
        scene.Node.Lost.Add("sendrawtransaction");
        Assert.Equal(502, (await scene.BroadcastAsync()).Status);
        var sent = Assert.Single(scene.Chain.Taken);
        scene.Node.Lost.Clear();

        Assert.Equal(sent.Txid, (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString());
        Assert.Single(scene.Chain.Taken);
    }

    [Fact]
    public async Task What_was_signed_and_not_sent_goes_before_another_payload()
    {
        await using var scene = await ProxyScene.StartAsync();
        scene.Node.Cut.Add("sendrawtransaction");
        await scene.BroadcastAsync();
        scene.Node.Cut.Clear();

        Assert.Equal(200, (await scene.BroadcastAsync(Other)).Status);

        Assert.Equal([ProxyScene.DataHex, Other], scene.Chain.Taken.Select(transaction => transaction.DataHex));
    }

    [Fact]
    public async Task Coins_that_somebody_else_spent_do_not_hold_up_a_payload_for_ever()
    {
        await using var scene = await ProxyScene.StartAsync(coins: [50_000, 60_000]);
        scene.Node.Cut.Add("testmempoolaccept");
        await scene.BroadcastAsync();
        scene.Node.Cut.Clear();
        scene.Chain.Spend(scene.Chain.Coins[0]);

        var refused = await scene.BroadcastAsync();
        Assert.Equal((502, "broadcast_failed", "bitcoind_rejected: missing-inputs"), Failure(refused));

        Assert.Equal(200, (await scene.BroadcastAsync()).Status);
        Assert.Equal(60_000 - 250, Assert.Single(scene.Chain.Taken).ChangeSats);
    }

    [Fact]
    public async Task A_transaction_whose_change_was_spent_since_is_still_the_same()
    {
        await using var scene = await ProxyScene.StartAsync();
        var first = (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString();
        scene.Chain.Mine();
        await scene.BroadcastAsync(Other);
        scene.Chain.Mine();

        Assert.Equal(first, (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString());
    }

    [Fact]
    public async Task After_a_reorganisation_the_same_bytes_are_sent_again()
    {
        await using var scene = await ProxyScene.StartAsync();
        var first = (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString();
        scene.Chain.Mine();
        scene.Chain.Reorganise(1);

        Assert.Equal(first, (await scene.BroadcastAsync()).Body.GetProperty("txid").GetString());
        Assert.Contains(first, scene.Chain.Queue);
    }

    [Theory]
    [InlineData("no coins", "bitcoind_no_utxos")]
    [InlineData("few coins", "bitcoind_insufficient_funds")]
    [InlineData("half signed", "bitcoind_signing_incomplete")]
    [InlineData("dear", "anchor_fee_too_high")]
    [InlineData("other chain", "bitcoind_wrong_network")]
    [InlineData("loading", "bitcoind_not_synced")]
    [InlineData("no wallet", "bitcoind_rpc_error: -18")]
    [InlineData("wrong password", "bitcoind_unauthorized")]
    [InlineData("down", "bitcoind_unreachable")]
    [InlineData("something else signed", "bitcoind_wrong_transaction")]
    [InlineData("refused", "bitcoind_rejected: min relay fee not met")]
    public async Task What_the_node_does_not_do_is_told_and_nothing_is_sent(string state, string message)
    {
        await using var scene = await ProxyScene.StartAsync(coins: state switch { "no coins" => [0], "few coins" => [100], _ => [100_000] });
        scene.Node.SignsHalf = state == "half signed";
        scene.Node.FeeSats = state == "dear" ? 5_001 : 250;
        scene.Node.ChainName = state == "other chain" ? "main" : "signet";
        scene.Node.IsSyncing = state == "loading";
        scene.Node.HasWallet = state != "no wallet";
        scene.Node.SignsInstead = state == "something else signed" ? Other : null;
        scene.Node.Refusal = state == "refused" ? "min relay fee not met" : null;
        if (state == "down")
        {
            scene.Node.Cut.Add("*");
        }

        if (state == "wrong password")
        {
            scene.Password = "another";
            await scene.RestartAsync();
        }

        var (status, code, said) = Failure(await scene.BroadcastAsync());

        Assert.Equal((502, "broadcast_failed"), (status, code));
        Assert.StartsWith(message, said, StringComparison.Ordinal);
        Assert.Empty(scene.Chain.Taken);
    }

    [Theory]
    [InlineData(null, "invalid_data_hex")]
    [InlineData("", "invalid_data_hex")]
    [InlineData("abc", "invalid_data_hex")]
    [InlineData("zz", "invalid_data_hex")]
    public async Task What_is_no_hex_is_refused_before_the_node_is_asked(string? dataHex, string code)
    {
        await using var scene = await ProxyScene.StartAsync();

        var (status, body) = await scene.SendAsync("POST", "/anchor/broadcast", new { dataHex });

        Assert.Equal((400, code), (status, body.GetProperty("error").GetString()));
        Assert.Empty(scene.Node.Calls);
    }

    [Fact]
    public async Task Eighty_bytes_are_taken_and_one_more_is_not()
    {
        await using var scene = await ProxyScene.StartAsync();

        var (status, body) = await scene.BroadcastAsync(new string('a', 162));

        Assert.Equal((400, "op_return_data_too_large", 80), (status, body.GetProperty("error").GetString(), body.GetProperty("maxBytes").GetInt32()));
        Assert.Equal(200, (await scene.BroadcastAsync(new string('a', 160))).Status);
    }

    [Fact]
    public async Task The_limit_slides_and_counts_failures()
    {
        await using var scene = await ProxyScene.StartAsync(broadcasts: 2);
        scene.Node.Cut.Add("*");
        await scene.BroadcastAsync();
        scene.Time.Advance(TimeSpan.FromSeconds(30));
        scene.Node.Cut.Clear();
        Assert.Equal(200, (await scene.BroadcastAsync()).Status);

        var (status, body) = await scene.BroadcastAsync();
        Assert.Equal((429, "rate_limited", 2), (status, body.GetProperty("error").GetString(), body.GetProperty("maxPerMinute").GetInt32()));

        scene.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(200, (await scene.BroadcastAsync()).Status);
        Assert.Equal(429, (await scene.BroadcastAsync()).Status);
    }

    [Fact]
    public async Task What_was_sent_is_forgotten_a_month_later()
    {
        await using var scene = await ProxyScene.StartAsync();
        await scene.BroadcastAsync();
        scene.Time.Advance(TimeSpan.FromDays(31));
        await scene.BroadcastAsync(Other);

        Assert.Equal(Other + ".json", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(scene.Directory["proxy"], "*", SearchOption.AllDirectories))));
    }

    [Fact]
    public async Task A_damaged_file_of_what_was_signed_stops_instead_of_paying_twice()
    {
        await using var scene = await ProxyScene.StartAsync();
        await scene.BroadcastAsync();
        await File.WriteAllTextAsync(Directory.EnumerateFiles(scene.Directory["proxy"], "*.json", SearchOption.AllDirectories).Single(), "{", TestContext.Current.CancellationToken);

        var (status, code, said) = Failure(await scene.BroadcastAsync());

        Assert.Equal((502, "broadcast_failed"), (status, code));
        Assert.StartsWith("anchor_proxy_storage", said, StringComparison.Ordinal);
        Assert.Single(scene.Chain.Taken);
    }

    private static (int Status, string? Code, string? Message) Failure((int Status, System.Text.Json.JsonElement Body) answer) =>
        (answer.Status, answer.Body.GetProperty("error").GetString(), answer.Body.GetProperty("message").GetString());
}

using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Ledger.Receipts;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>Coordinator → anchor proxy → node, over HTTP all the way, and what the routes tell meanwhile.</summary>
public sealed class AnchorThroughProxyTests
{
    [Fact]
    public async Task A_checkpoint_goes_through_the_proxy_to_a_block_out_of_it_and_back()
    {
        await using var host = await AnchorHost.StartAsync(AnchorProviderKind.AnchorProxy);
        Assert.Equal(FinalityState.SoftFinalized, (await host.Desk.FinalityAsync(TestContext.Current.CancellationToken)).FinalityState);

        // Sent; in no block.
        Assert.Equal(("broadcast", "anchored_pending", false), await LatestAsync(host));
        var txid = Assert.Single(host.Chain.Taken).Txid;

        // In a block.
        host.Chain.Mine();
        Assert.Equal(("anchored", "anchored_confirmed", true), await LatestAsync(host));
        var (height, receipt) = (await host.Receipts.OfRecordAsync(2, TestContext.Current.CancellationToken))!.Value;
        Assert.Equal((3L, new ReceiptAnchor(txid, "signet", AnchorPayload.Of(ScriptedCheckpoints.HashOf(3)), host.Chain.Best[^1].Hash)), (height, receipt));
        Assert.Null(await host.Receipts.OfRecordAsync(4, TestContext.Current.CancellationToken));
        Assert.True(await VerifiedAsync(host));

        // Out of it: proven by the node, told by the proxy.
        host.Chain.Reorganise(2);
        Assert.False(await VerifiedAsync(host));
        Assert.Equal(("pending", "soft_finalized", false), await LatestAsync(host));
        Assert.Null(await host.Receipts.OfRecordAsync(2, TestContext.Current.CancellationToken));

        // The same transaction again.
        Assert.Equal(("broadcast", "anchored_pending", false), await LatestAsync(host));
        host.Chain.Mine();
        Assert.Equal(("anchored", "anchored_confirmed", true), await LatestAsync(host));
        Assert.Equal(txid, Assert.Single(host.Chain.Taken).Txid);

        // A newer checkpoint above it is soft-final only.
        host.Checkpoints.Grow();
        Assert.Equal(FinalityState.SoftFinalized, (await host.Desk.FinalityAsync(TestContext.Current.CancellationToken)).FinalityState);
    }

    [Fact]
    public async Task A_proxy_whose_node_is_down_leaves_the_row_as_it_is()
    {
        await using var host = await AnchorHost.StartAsync(AnchorProviderKind.AnchorProxy);
        host.Node.Cut.Add("sendrawtransaction");
        Assert.Equal("pending", (await LatestAsync(host)).Status);
        Assert.StartsWith("anchor_proxy_broadcast_failed: bitcoind_unreachable", (await host.RowAsync()).LastCheckError, StringComparison.Ordinal);
        host.Node.Cut.Clear();
        Assert.Equal("broadcast", (await LatestAsync(host)).Status);

        host.Node.Cut.Add("*");
        host.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("broadcast", (await LatestAsync(host)).Status);
        Assert.StartsWith("anchor_proxy_health_check_failed", (await host.RowAsync()).LastCheckError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_the_chain_about_a_checkpoint_needs_its_hash_and_shows_no_bytes()
    {
        await using var host = await AnchorHost.StartAsync();
        await host.AnchorAsync();
        foreach (var wrong in new[] { "", "?checkpointHash=", "?checkpointHash=xyz", "?checkpointHash=" + new string('A', 64), "?checkpointHash=" + new string('a', 63) })
        {
            var (status, body) = await host.SendAsync("GET", "/stats/anchors/verify" + wrong);
            Assert.Equal((400, "validation_failed"), (status, body.GetProperty("error").GetString()));
        }

        var known = (await host.SendAsync("GET", "/stats/anchors/verify?checkpointHash=" + ScriptedCheckpoints.HashOf(3))).Body;
        Assert.True(known.GetProperty("verified").GetBoolean());
        Assert.DoesNotContain(host.Chain.Taken[0].RawHex, known.GetRawText(), StringComparison.Ordinal);

        var unknown = (await host.SendAsync("GET", "/stats/anchors/verify?checkpointHash=" + new string('a', 64))).Body;
        Assert.Equal((false, 1, System.Text.Json.JsonValueKind.Null), (unknown.GetProperty("verified").GetBoolean(), unknown.GetProperty("requiredConfirmations").GetInt32(), unknown.GetProperty("anchor").ValueKind));

        host.Node.Cut.Add("*");
        var down = (await host.SendAsync("GET", "/stats/anchors/verify?checkpointHash=" + ScriptedCheckpoints.HashOf(3))).Body;
        Assert.False(down.GetProperty("verified").GetBoolean());
        Assert.StartsWith("bitcoind_unreachable", down.GetProperty("anchor").GetProperty("lastCheckError").GetString(), StringComparison.Ordinal);
        Assert.Null((await host.RowAsync()).LastCheckError);
    }

    [Fact]
    public async Task An_operator_closes_what_waits_and_never_what_is_anchored()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Node.Cut.Add("*");
        var waiting = await host.RoundAsync();
        Assert.Equal(400, (await host.SendAsync("POST", "/stats/anchors/close", new { anchorId = waiting.AnchorId })).Status);
        Assert.Equal(404, (await host.SendAsync("POST", "/stats/anchors/close", new { anchorId = "none", reason = "r" })).Status);
        var (status, body) = await host.SendAsync("POST", "/stats/anchors/close", new { anchorId = waiting.AnchorId, reason = "wallet lost" });
        Assert.Equal((200, "failed", "closed: wallet lost"), (status, body.GetProperty("anchor").GetProperty("status").GetString(), body.GetProperty("anchor").GetProperty("lastCheckError").GetString()));

        host.Node.Cut.Clear();
        host.Checkpoints.Grow();
        var anchored = await host.AnchorAsync();
        Assert.Equal("anchor_not_open", (await host.SendAsync("POST", "/stats/anchors/close", new { anchorId = anchored.AnchorId, reason = "r" })).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Without_a_provider_nothing_is_anchored_and_it_says_so()
    {
        await using var host = await AnchorHost.StartAsync(AnchorProviderKind.None);
        var (status, body) = await host.SendAsync("POST", "/stats/anchors/anchor-latest");

        Assert.Equal((503, "anchoring_not_configured"), (status, body.GetProperty("error").GetString()));
        Assert.Empty((await host.SendAsync("GET", "/economy/issuance/anchors")).Body.GetProperty("anchors").EnumerateArray());
    }

    [Fact]
    public async Task The_mock_has_its_states_too()
    {
        await using var host = await AnchorHost.StartAsync(AnchorProviderKind.Mock);
        Assert.Equal("broadcast", (await LatestAsync(host)).Status);
        Assert.Equal("anchored", (await LatestAsync(host)).Status);
    }

    private static async Task<(string? Status, string? State, bool Hard)> LatestAsync(AnchorHost host)
    {
        // Once a second the proxy asks its node how it is.
        host.Time.Advance(TimeSpan.FromSeconds(10));
        var (status, body) = await host.SendAsync("POST", "/stats/anchors/anchor-latest");
        Assert.Equal(200, status);
        var finality = body.GetProperty("finality");
        Assert.True(finality.GetProperty("softFinalized").GetBoolean());
        return (body.GetProperty("anchor").GetProperty("status").GetString(), finality.GetProperty("finalityState").GetString(), finality.GetProperty("hardFinalized").GetBoolean());
    }

    private static async Task<bool> VerifiedAsync(AnchorHost host) =>
        (await host.SendAsync("GET", "/stats/anchors/verify?checkpointHash=" + ScriptedCheckpoints.HashOf(3))).Body.GetProperty("verified").GetBoolean();
}

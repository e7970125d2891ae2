using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.TestKit.Bitcoin;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>The state table of economy-and-ledger 13.3 before a scripted node: every transition, and every way in which nothing may change.</summary>
public sealed class AnchorKeeperTests
{
    [Theory]
    [InlineData(StoreKind.Sqlite, 1)]
    [InlineData(StoreKind.PostgreSql, 6)]
    public async Task A_checkpoint_is_anchored_only_when_its_block_is_deep_enough(StoreKind kind, int minimum)
    {
        await using var host = await AnchorHost.StartAsync(confirmations: minimum, kind: kind);
        var row = await host.RoundAsync();
        Assert.Equal((AnchorStatus.Pending, ""), (row.Status, row.TxRef));

        await host.PollAsync();
        var sent = Assert.Single(host.Chain.Taken);
        row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Broadcast, sent.Txid, sent.RawHex), (row.Status, row.TxRef, row.RawHex));
        Assert.Equal(AnchorPayload.Of(row.CheckpointHash), sent.DataHex);

        for (var blocks = 1; blocks <= minimum; blocks++)
        {
            Assert.NotEqual(AnchorStatus.Anchored, (await host.RowAsync()).Status);
            host.Chain.Mine();
            await host.PollAsync();
        }

        row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Anchored, minimum, host.Chain.Best[11].Hash), (row.Status, row.Confirmations, row.BlockHash));
        Assert.Equal(host.Time.GetUtcNow().ToUnixTimeMilliseconds(), row.AnchoredAtMs);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task What_dies_between_signing_and_sending_is_sent_by_another_silo_with_the_same_bytes(StoreKind kind)
    {
        await using var host = await AnchorHost.StartAsync(kind: kind);
        await host.RoundAsync();
        host.Node.Cut.Add("testmempoolaccept");
        await host.PollAsync();
        var row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Pending, ""), (row.Status, row.TxRef));
        Assert.StartsWith("bitcoind_unreachable", row.LastCheckError, StringComparison.Ordinal);
        Assert.NotNull(row.RawHex);

        host.Node.Cut.Clear();
        host.Node.FeeSats = 777;
        await host.PollAsync(host.OtherSilo());

        Assert.Equal(row.RawHex, Assert.Single(host.Chain.Taken).RawHex);
        Assert.Equal((AnchorStatus.Broadcast, null), ((await host.RowAsync()).Status, (await host.RowAsync()).LastCheckError));
    }

    [Fact]
    public async Task A_lost_answer_of_the_node_pays_nothing_twice()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Node.Lost.Add("sendrawtransaction");
        await host.RoundAsync();
        await host.PollAsync();
        Assert.Equal(AnchorStatus.Pending, (await host.RowAsync()).Status);
        host.Node.Lost.Clear();
        await host.PollAsync();

        Assert.Equal(Assert.Single(host.Chain.Taken).Txid, (await host.RowAsync()).TxRef);
    }

    [Fact]
    public async Task A_block_that_left_the_best_chain_makes_it_pending_and_the_same_bytes_come_back()
    {
        await using var host = await AnchorHost.StartAsync();
        var before = await host.AnchorAsync();
        host.Chain.Reorganise(1);

        await host.PollAsync();
        var row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Pending, 0L, null, null, before.TxRef), (row.Status, row.Confirmations, row.BlockHash, row.AnchoredAtMs, row.TxRef));

        await host.PollAsync();
        Assert.Equal(AnchorStatus.Broadcast, (await host.RowAsync()).Status);
        host.Chain.Mine();
        await host.PollAsync();

        row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Anchored, before.TxRef, host.Chain.Best[^1].Hash), (row.Status, row.TxRef, row.BlockHash));
        Assert.Single(host.Chain.Taken);
    }

    [Fact]
    public async Task A_broadcast_row_whose_block_left_is_pending_again()
    {
        await using var host = await AnchorHost.StartAsync(confirmations: 6);
        await host.AnchorAsync();
        Assert.Equal((AnchorStatus.Broadcast, 1L), ((await host.RowAsync()).Status, (await host.RowAsync()).Confirmations));
        host.Chain.Reorganise(1);
        await host.PollAsync();

        Assert.Equal(AnchorStatus.Pending, (await host.RowAsync()).Status);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("no answer to gettransaction")]
    [InlineData("another chain")]
    [InlineData("set up anew, and the transaction is in no block")]
    public async Task An_error_is_never_taken_for_a_reorganisation(string fault)
    {
        await using var host = await AnchorHost.StartAsync();
        var before = await host.AnchorAsync();
        switch (fault)
        {
            case "down":
                host.Node.Cut.Add("*");
                break;
            case "another chain":
                host.Node.ChainName = "main";
                break;
            case "no answer to gettransaction":
                host.Node.Cut.Add("gettransaction");
                break;
            default:
                host.Chain.Reorganise(1);
                host.Chain.ForgetWhatLeft();
                break;
        }

        await host.PollAsync();

        var row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Anchored, before.BlockHash, before.Confirmations, before.AnchoredAtMs), (row.Status, row.BlockHash, row.Confirmations, row.AnchoredAtMs));
        Assert.NotNull(row.LastCheckError);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(429)]
    public async Task An_outage_of_the_explorer_changes_nothing(int status)
    {
        await using var host = await AnchorHost.StartAsync(explorer: true);
        var before = await host.AnchorAsync();
        host.Explorer.Fails = status;
        host.Chain.Reorganise(1);
        await host.PollAsync();
        var row = await host.RowAsync();
        Assert.Equal((AnchorStatus.Anchored, before.BlockHash), (row.Status, row.BlockHash));
        Assert.StartsWith("e", row.LastCheckError, StringComparison.Ordinal);

        host.Explorer.Fails = null;
        await host.PollAsync();
        Assert.Equal((AnchorStatus.Pending, null), ((await host.RowAsync()).Status, (await host.RowAsync()).LastCheckError));
    }

    [Fact]
    public async Task Explorers_that_disagree_prove_nothing()
    {
        await using var host = await AnchorHost.StartAsync(explorer: true);
        await host.RoundAsync();
        await host.PollAsync();
        host.Explorer.Chain = new ScriptedChain(BitcoinNetwork.Signet.Genesis);
        host.Chain.Mine();
        await host.PollAsync();

        var row = await host.RowAsync();
        Assert.Equal(AnchorStatus.Broadcast, row.Status);
        Assert.StartsWith("explorers_disagree", row.LastCheckError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explorer_without_a_proof_is_not_believed()
    {
        await using var host = await AnchorHost.StartAsync(explorer: true);
        host.Explorer.Lies = true;
        var row = await host.AnchorAsync();

        Assert.Equal(AnchorStatus.Broadcast, row.Status);
        Assert.StartsWith("esplora_proof_invalid", row.LastCheckError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_can_never_be_taken_fail_and_the_next_round_goes_on()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Node.Refusal = "scriptpubkey";
        await host.RoundAsync();
        await host.PollAsync();
        Assert.Equal((AnchorStatus.Failed, null, "bitcoind_rejected: scriptpubkey"), ((await host.RowAsync()).Status, (await host.RowAsync()).NextAtMs, (await host.RowAsync()).LastCheckError));

        host.Node.Refusal = null;
        host.Checkpoints.Grow();
        Assert.Equal(AnchorStatus.Anchored, (await host.AnchorAsync()).Status);
    }

    [Fact]
    public async Task A_fee_that_is_too_low_today_is_tried_again()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Node.Refusal = "mempool min fee not met";
        await host.RoundAsync();
        await host.PollAsync();
        Assert.Equal((AnchorStatus.Pending, "bitcoind_rejected: mempool min fee not met"), ((await host.RowAsync()).Status, (await host.RowAsync()).LastCheckError));
        host.Node.Refusal = null;
        await host.PollAsync();

        Assert.Equal(AnchorStatus.Broadcast, (await host.RowAsync()).Status);
    }

    [Fact]
    public async Task Two_kinds_of_one_checkpoint_share_one_transaction_through_every_state()
    {
        await using var host = await AnchorHost.StartAsync();
        await host.RoundAsync();
        await host.PollAsync();
        var late = await host.RoundAsync(AnchorKinds.Issuance);
        Assert.Equal(((await host.RowAsync()).TxRef, AnchorStatus.Broadcast), (late.TxRef, late.Status));

        host.Chain.Mine();
        await host.PollAsync();
        host.Chain.Reorganise(1);
        await host.PollAsync();
        Assert.Equal(AnchorStatus.Pending, (await host.RowAsync(AnchorKinds.Issuance)).Status);
        await host.PollAsync();
        host.Chain.Mine();
        await host.PollAsync();

        Assert.Equal((AnchorStatus.Anchored, AnchorStatus.Anchored), ((await host.RowAsync()).Status, (await host.RowAsync(AnchorKinds.Issuance)).Status));
        Assert.Single(host.Chain.Taken);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Silos_at_once_make_one_row_and_one_transaction(StoreKind kind)
    {
        await using var host = await AnchorHost.StartAsync(kind: kind);
        AnchorKeeper[] silos = [host.Keeper, host.OtherSilo(), host.OtherSilo(), host.OtherSilo()];
        var rows = await Task.WhenAll(silos.Select(silo => silo.RoundAsync(AnchorKinds.Stats, null, TestContext.Current.CancellationToken)));
        Assert.Single(rows.Select(row => row!.AnchorId).Distinct());

        await Task.WhenAll(silos.Select(silo => silo.WorkOnceAsync(TestContext.Current.CancellationToken)));

        Assert.Single(host.Chain.Taken);
        Assert.Single(host.Node.Calls, call => call == "walletcreatefundedpsbt");
    }

    [Fact]
    public async Task A_round_is_left_out_where_nothing_but_anchors_was_recorded()
    {
        await using var host = await AnchorHost.StartAsync();
        var first = await host.AnchorAsync();
        Assert.Equal(first.AnchorId, (await host.RoundAsync()).AnchorId);
        host.Checkpoints.Grow(anchorSet: true);
        host.Checkpoints.Grow(anchorSet: true);
        Assert.Equal(first.AnchorId, (await host.RoundAsync()).AnchorId);
        host.Checkpoints.Grow();

        Assert.NotEqual(first.AnchorId, (await host.RoundAsync()).AnchorId);
    }

    [Fact]
    public async Task Twelve_idle_rounds_and_polls_send_nothing()
    {
        await using var host = await AnchorHost.StartAsync();
        await host.AnchorAsync();
        for (var i = 0; i < 12; i++)
        {
            await host.RoundAsync();
            await host.PollAsync();
        }

        Assert.Single(host.Chain.Taken);
        Assert.Single(host.Node.Calls, call => call == "sendrawtransaction");
    }

    [Fact]
    public async Task While_one_waits_to_be_sent_no_other_is_begun()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Node.Cut.Add("*");
        var first = await host.RoundAsync();
        await host.PollAsync();
        host.Checkpoints.Grow();

        Assert.Equal(first.AnchorId, (await host.RoundAsync()).AnchorId);
    }

    [Fact]
    public async Task Without_a_checkpoint_there_is_no_round()
    {
        await using var host = await AnchorHost.StartAsync();
        host.Checkpoints.Clear();

        Assert.Null(await host.Keeper.RoundAsync(AnchorKinds.Stats, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_only_looks_leaves_the_row_pending_and_says_why()
    {
        await using var host = await AnchorHost.StartAsync(AnchorProviderKind.Esplora);
        await host.RoundAsync();
        await host.PollAsync();
        var row = await host.RowAsync();

        Assert.Equal((AnchorStatus.Pending, ""), (row.Status, row.TxRef));
        Assert.StartsWith("provider_read_only", row.LastCheckError, StringComparison.Ordinal);
        Assert.Empty(host.Chain.Taken);
    }

    [Theory]
    [InlineData(AnchorProviderKind.Bitcoind, "bitcoind_wrong_network")]
    [InlineData(AnchorProviderKind.AnchorProxy, "anchor_proxy_wrong_network")]
    public async Task Another_network_is_refused(AnchorProviderKind provider, string error)
    {
        await using var host = await AnchorHost.StartAsync(provider, network: "regtest");
        await host.RoundAsync();
        await host.PollAsync();
        var row = Assert.Single(await host.Store.NewestAsync(AnchorKinds.Stats, "regtest", 1, TestContext.Current.CancellationToken));

        Assert.Equal((AnchorStatus.Pending, ""), (row.Status, row.TxRef));
        Assert.StartsWith(error, row.LastCheckError, StringComparison.Ordinal);
        Assert.Empty(host.Chain.Taken);
    }

    [Fact]
    public async Task A_deep_block_is_looked_at_once_a_day()
    {
        await using var host = await AnchorHost.StartAsync();
        await host.AnchorAsync();
        host.Chain.Mine(100);
        await host.PollAsync();
        Assert.Equal(101, (await host.RowAsync()).Confirmations);
        host.Chain.Mine();
        await host.PollAsync();
        Assert.Equal(101, (await host.RowAsync()).Confirmations);
        host.Time.Advance(TimeSpan.FromDays(1));
        await host.PollAsync();

        Assert.Equal(102, (await host.RowAsync()).Confirmations);
    }
}

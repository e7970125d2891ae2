using System.Text;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Tests.Witnesses;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.TestKit.Bitcoin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>One transaction for the logs of several coordinators (economy-and-ledger 13.2, 22 F15, F18), over HTTP between three of them, before one node and one explorer.</summary>
public sealed class AnchorSetTests : IAsyncLifetime
{
    private readonly TestNetwork _network = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
    private readonly ScriptedChain _chain = new(BitcoinNetwork.Signet.Genesis, 100_000, 90_000);
    private ScriptedBitcoind _node = null!;
    private ScriptedEsplora _explorer = null!;
    private RunningPeer[] _all = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RunningPeer A => _all[0];

    private RunningPeer B => _all[1];

    private RunningPeer C => _all[2];

    public async ValueTask InitializeAsync()
    {
        (_node, _explorer) = (await ScriptedBitcoind.StartAsync(_chain), await ScriptedEsplora.StartAsync(_chain));
        _network.Anchors = id => new()
        {
            // The others have no wallet: all that they see, they see with an explorer.
            Provider = id == "coord-a" ? AnchorProviderKind.Bitcoind : AnchorProviderKind.Esplora,
            Network = BitcoinNetwork.Signet,
            Bitcoind = new() { Url = _node.Address, User = ScriptedBitcoind.User, Password = ScriptedBitcoind.Password, Wallet = ScriptedBitcoind.Wallet, Network = BitcoinNetwork.Signet },
            Esplora = id == "coord-a" ? null : _explorer.Address,
        };
        _all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b", "coord-c");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _all)
        {
            await one.DisposeAsync();
        }

        await _explorer.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task One_transaction_of_the_leader_covers_every_log()
    {
        await ReceiptAsync(B);
        await C.GrowAsync(3);
        var row = await AnchoredAsync();
        Assert.Equal((AnchorStatus.Anchored, null), (row.Status, row.AnchoredHash));
        Assert.Single(_node.Calls, "sendrawtransaction");
        foreach (var one in new[] { B, C })
        {
            var theirs = await RowAsync(one);
            Assert.Equal((row.TxRef, row.CheckpointHash, AnchorStatus.Anchored), (theirs.TxRef, theirs.AnchoredHash, theirs.Status));
            Assert.Equal(FinalityState.AnchoredConfirmed, (await one.Services.GetRequiredService<AnchorDesk>().FinalityAsync(Stop)).FinalityState);
        }

        // A receipt of another log than the one that the transaction names.
        var receipt = (await B.Proofs.ReceiptsAsync("t-9", Stop)).Receipts.Single();
        Assert.Equal(AnchorPayload.Of(row.CheckpointHash), receipt.Anchor!.PayloadHex);
        TrustedKeys trust = new([NoteKey.Of("edgecoder/coord-b", NoteKeyType.Ed25519, B.Identity.Key.PublicKey)], 0);
        var verdict = ReceiptVerifier.Check(receipt, trust);
        Assert.Equal((ReceiptStanding.Proven, null, "anchor_payload"), (verdict.Standing, verdict.Reason, verdict.Checks[^1]));
        var set = receipt.Anchor.Set!;
        // The second verifier comes to the same, of the right one and of each wrong one.
        await CosignedReceiptTests.AgreeAsync(receipt, trust.Keys[0] + "\n", null);
        AnchorSetProof?[] bent =
        [
            set with { LeafIndex = set.LeafIndex + 1 }, set with { TreeSize = set.TreeSize + 1 }, set with { InclusionProof = [.. set.InclusionProof.Skip(1)] }, set with { Checkpoint = receipt.Checkpoint }, set with { Leaf = receipt.Leaf }, null,
        ];
        foreach (var wrong in bent)
        {
            await CosignedReceiptTests.AgreeAsync(receipt with { Anchor = receipt.Anchor with { Set = wrong } }, trust.Keys[0] + "\n", LedgerFault.AnchorPayloadInvalid);
        }
    }

    [Fact]
    public async Task Rounds_without_anything_new_write_nothing()
    {
        await C.GrowAsync(3);
        await AnchoredAsync();
        var before = await SizesAsync();
        for (var round = 0; round < 4; round++)
        {
            await RoundAsync();
        }

        Assert.Equal(before, await SizesAsync());
        Assert.Single(_node.Calls, "sendrawtransaction");

        // One more record anywhere is enough.
        await C.GrowAsync(1);
        await AnchoredAsync();
        Assert.Equal(2, _node.Calls.Count(call => call == "sendrawtransaction"));
        Assert.Equal((await RowAsync(A)).TxRef, (await RowAsync(C)).TxRef);
    }

    [Fact]
    public async Task The_set_is_anchored_only_when_a_majority_has_signed_the_checkpoint_that_covers_it()
    {
        await SharedAsync();
        await KeeperOf(A).RoundAsync(AnchorKinds.Stats, null, Stop);
        await A.Keeper.SettleAsync(Stop);
        await KeeperOf(A).ContinueAsync(Stop);
        Assert.Empty(await RowsAsync(A));

        await SharedAsync();
        await KeeperOf(A).ContinueAsync(Stop);
        var set = (await A.Services.GetRequiredService<AnchorSets>().CoveredByAsync(long.MaxValue, Stop))!;
        Assert.True((await RowAsync(A)).CheckpointHeight >= set.Record.Sequence);
        Assert.Equal(["edgecoder/coord-a", "edgecoder/coord-b", "edgecoder/coord-c"], AnchorSet.Of(set.Record)!.Members.Select(member => member.Origin));
    }

    [Fact]
    public async Task A_block_that_leaves_takes_the_anchors_of_all_back_until_it_is_in_one_again()
    {
        await B.GrowAsync(2);
        await AnchoredAsync();
        _chain.Reorganise(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await KeeperOf(B).WorkOnceAsync(Stop);
        Assert.Equal(AnchorStatus.Pending, (await RowAsync(B)).Status);
        Assert.Equal(FinalityState.SoftFinalized, (await FinalityOf(B)).FinalityState is var state && state == FinalityState.AnchoredPending ? FinalityState.SoftFinalized : state);

        await WorkAsync();
        _chain.Mine();
        await WorkAsync();
        await WorkAsync();
        Assert.Equal((AnchorStatus.Anchored, AnchorStatus.Anchored), ((await RowAsync(A)).Status, (await RowAsync(B)).Status));
        Assert.Equal((await RowAsync(A)).TxRef, (await RowAsync(B)).TxRef);
    }

    [Theory]
    [InlineData("\"anchorNetwork\":\"signet\"", "\"anchorNetwork\":\"testnet\"")]
    [InlineData("\"treeSize\":", "\"treeSize\":1")]
    [InlineData("\"inclusionProof\":[", "\"inclusionProof\":[\"00\",")]
    [InlineData("\"txRef\":\"", "\"txRef\":\"g")]
    public async Task What_a_leader_cannot_prove_is_no_anchor_and_costs_it_reputation(string from, string to)
    {
        await B.GrowAsync(2);
        _network.Change = (path, body) => path.EndsWith("/stats/anchors/set", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(from, to, StringComparison.Ordinal)) : body;
        await AnchoredAsync();
        Assert.Empty(await RowsAsync(B));
        Assert.True(await B.Writer.WriteAsync(batch => PeerScores.Of(batch, "coord-a"), Stop) < PeerScores.First);

        _network.Change = (_, body) => body;
        await RoundAsync();
        Assert.Equal((await RowAsync(A)).TxRef, (await RowAsync(B)).TxRef);
    }

    [Fact]
    public async Task The_next_leads_when_the_first_is_away_and_says_why_it_cannot_send()
    {
        await B.GrowAsync(2);
        await SharedAsync();
        _network.Cut.Add("coord-a");
        _time.Advance(TimeSpan.FromMinutes(2));
        await RoundAsync(B, C);
        await RoundAsync(B, C);
        var row = await RowAsync(B);
        await KeeperOf(B).WorkAsync(row, Stop);
        row = await RowAsync(B);
        Assert.Equal((AnchorStatus.Pending, null), (row.Status, row.AnchoredHash));
        Assert.StartsWith("provider_read_only", row.LastCheckError, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync(C));
        Assert.DoesNotContain("sendrawtransaction", _node.Calls);
    }

    [Fact]
    public async Task Another_network_is_refused_by_the_leader()
    {
        await B.GrowAsync(2);
        await AnchoredAsync();
        var refused = await Assert.ThrowsAsync<Hosting.Problems.Refusal>(() => A.Services.GetRequiredService<AnchorSetDesk>().FindAsync("edgecoder/coord-b", "testnet", Stop));
        Assert.Equal((422, "anchor_network_differs"), (refused.Status, refused.Error));
    }

    private static AnchorKeeper KeeperOf(RunningPeer peer) => peer.Services.GetRequiredService<AnchorKeeper>();

    private static Task<FinalityView> FinalityOf(RunningPeer peer) => peer.Services.GetRequiredService<AnchorDesk>().FinalityAsync(Stop);

    private static Task<List<AnchorRecordRow>> RowsAsync(RunningPeer peer) => peer.Services.GetRequiredService<AnchorStore>().NewestAsync(AnchorKinds.Stats, "signet", 10, Stop);

    private static async Task<AnchorRecordRow> RowAsync(RunningPeer peer) => (await RowsAsync(peer))[0];

    private static async Task ReceiptAsync(RunningPeer peer)
    {
        await peer.Writer.WriteAsync(
            batch =>
            {
                LogOutbox.Append(batch, RecordTypes.Receipt, "t-9", null, "worker-a", LogAnchorTests.Receipt(), 1);
                return true;
            },
            Stop);
        await peer.Keeper.SettleAsync(Stop);
    }

    private async Task<long[]> SizesAsync() => await Task.WhenAll(_all.Select(async one => (await one.LeavesAsync()).Count + (1_000 * await one.CountAsync("SELECT COUNT(*) FROM anchor_records"))));

    // Twice: what one pulls in the first the others have signed by the second.
    private async Task SharedAsync(params RunningPeer[] among)
    {
        for (var time = 0; time < 2; time++)
        {
            foreach (var one in among.Length == 0 ? _all : among)
            {
                await one.ExchangeAsync();
                await one.Keeper.SettleAsync(Stop);
            }
        }
    }

    private async Task RoundAsync(params RunningPeer[] among)
    {
        if (among.Length == 0)
        {
            among = _all;
        }

        await SharedAsync(among);
        foreach (var one in among)
        {
            await KeeperOf(one).RoundAsync(AnchorKinds.Stats, null, Stop);
            await one.Keeper.SettleAsync(Stop);
        }
    }

    private async Task WorkAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        foreach (var one in _all)
        {
            await KeeperOf(one).WorkOnceAsync(Stop);
        }
    }

    // A whole round: the set, its checkpoint, the transaction, its block, and everybody's look at it.
    private async Task<AnchorRecordRow> AnchoredAsync()
    {
        await RoundAsync();
        await RoundAsync();
        await WorkAsync();
        await RoundAsync();
        _chain.Mine();
        await WorkAsync();
        return await RowAsync(A);
    }
}

using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Quorum;

namespace EdgeCoder.Coordinator.Tests.Issuance;

/// <summary>Issuance by a coordinator that is its own quorum (economy-and-ledger 8, F8, F31).</summary>
public sealed class IssuanceEpochTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_of_a_slot_becomes_credits_once_however_often_it_is_worked_off()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();
        var once = await bench.BooksAsync();
        var leaves = (await bench.LeavesAsync()).Count;

        // The load of the first epoch is the raw one: 3000000, so a day has 17000000 and a slot 708333.
        Assert.Equal((426_065L, 216_583L, 65_685L, -708_333L, 3L), once);
        for (var n = 0; n < 12; n++)
        {
            await bench.TickAsync();
            await bench.Desk.RecalculateAsync(Stop);
        }

        await using var again = await bench.AgainAsync();
        await again.TickAsync();
        Assert.Equal(once, await again.BooksAsync());
        Assert.Equal(leaves, (await bench.LeavesAsync()).Count);
        Assert.Equal(1, await bench.CountAsync("SELECT count(*) FROM issuance_epochs"));
    }

    [Fact]
    public async Task A_transfer_of_issuance_has_the_id_of_epoch_and_account_and_the_reason_of_its_epoch()
    {
        Assert.Equal("faa812cd2bc838551be28b1b4b76560a", EpochBook.TransferOf("ep-1700002800000", "acct-1"));
        await using var bench = await IssuanceBench.StartAsync();
        await bench.WorkAsync("acct-1", 5);
        bench.ToSlotEnd();
        await bench.TickAsync();

        Assert.Equal(
            [("faa812cd2bc838551be28b1b4b76560a", "issuance", "issuance:ep-1700002800000", 708_333L)],
            await bench.DoAsync(batch => batch.Query("SELECT transfer_id, code, reason, amount FROM transfers", row => (row.Text(0), row.Text(1), row.Text(2), row.Number(3)))));
    }

    [Fact]
    public async Task Load_is_smoothed_from_epoch_to_epoch_and_the_window_rolls()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();
        bench.Queued = 0;
        bench.ToSlotEnd(2);
        await bench.TickAsync();
        var epochs = (await bench.Desk.HistoryAsync(48, Stop)).Epochs;

        // Raw: 8 agents of 16 are 500000; 3000000 × 0.65 + 500000 × 0.35.
        Assert.Equal([2.125000m, 3.000000m], epochs.Select(epoch => epoch.LoadIndex));
        Assert.All(epochs, epoch => Assert.True(epoch.Finalized));
        bench.ToSlotEnd(26);
        await bench.TickAsync();
        Assert.Equal(2, (await bench.Desk.HistoryAsync(48, Stop)).Epochs.Count);
    }

    [Fact]
    public async Task Without_counted_work_there_is_no_epoch_and_an_idle_coordinator_writes_nothing()
    {
        await using var idle = await IssuanceBench.StartAsync();
        idle.ToSlotEnd();
        var leaves = (await idle.LeavesAsync()).Count;
        await idle.TickAsync();
        Assert.Equal((null, 0L), ((await idle.Desk.RecalculateAsync(Stop)).Epoch, (await idle.Desk.RecalculateAsync(Stop)).Allocations));
        Assert.Equal((leaves, 0L), ((await idle.LeavesAsync()).Count, await idle.CountAsync("SELECT count(*) FROM projection_cursors")));

        await using var own = await IssuanceBench.StartAsync();
        await own.WorkAsync("A", 5, sameOwner: true);
        await own.WorkAsync("A", 5, verified: false);
        await own.WorkAsync("peer:coord-2", 5);
        own.ToSlotEnd();
        await own.TickAsync();
        Assert.Null((await own.Desk.CurrentAsync(Stop)).Epoch);
        Assert.Equal(0, await own.BalanceAsync("mint:issuance"));
    }

    [Fact]
    public async Task A_crash_between_agreement_and_posting_is_made_good_at_the_next_start()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.Get<IssuanceRound>().RunAsync(IssuanceBench.SlotEnd + 1_000, true, Stop);
        Assert.Equal(0, await bench.BalanceAsync("mint:issuance"));

        await using var again = await bench.AgainAsync();
        await again.TickAsync();
        Assert.Equal((426_065L, 216_583L, 65_685L, -708_333L, 3L), await again.BooksAsync());
    }

    [Fact]
    public async Task An_account_that_cannot_receive_holds_up_nobody()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        await bench.WorkAsync("gone", 250_000, open: false);
        bench.ToSlotEnd();
        await bench.TickAsync();
        Assert.Equal(3, (await bench.BooksAsync()).Transfers);

        await bench.DoAsync(batch =>
        {
            TransferBook.Open(batch, "gone", "user", 1);
            return true;
        });
        await bench.TickAsync();
        Assert.Equal((-708_333L, 4L), ((await bench.BooksAsync()).Mint, (await bench.BooksAsync()).Transfers));
    }

    [Fact]
    public async Task Two_silos_agree_and_post_once()
    {
        await using var first = await IssuanceBench.StartAsync(StoreKind.PostgreSql);
        await first.ExampleAsync();
        await using var second = await first.AgainAsync();
        second.Queued = 7;
        first.ToSlotEnd();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => (n % 2 == 0 ? first : second).Desk.RecalculateAsync(Stop)));
        await first.SettleAsync();
        var books = await first.BooksAsync();
        var epoch = (await first.Desk.CurrentAsync(Stop)).Epoch!;

        Assert.True(epoch.Finalized);
        Assert.Equal((-(long)(epoch.HourlyTokens * 1_000), 3L), (books.Mint, books.Transfers));
        Assert.Equal(-books.Mint, books.A + books.B + books.C);
        Assert.Single(await first.RecordsAsync(), one => one.Record.RecordType == QuorumRecordTypes.Commit);
        Assert.Single(await first.RecordsAsync(), one => IssuanceVote.Of(one) is { Vote: IssuanceVote.Approve });
    }

    [Fact]
    public async Task Every_record_is_signed_chained_and_a_leaf_of_the_log()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();
        var records = (await bench.LeavesAsync()).Where(leaf => leaf.Record.EventType == "quorum_record")
            .Select(leaf => SignedQuorumRecord.TryRead(leaf.Record.PayloadJson!.Value, out var record) is null ? record! : throw new InvalidDataException()).ToList();

        Assert.Equal([QuorumRecordTypes.Proposal, QuorumRecordTypes.Vote, QuorumRecordTypes.Commit, QuorumRecordTypes.Checkpoint], records.Select(one => one.Record.RecordType));
        Assert.All(records, one => Assert.True(one.HasItsHash && one.IsSignedBy(bench.Identity.Key.PublicKey)));
        Assert.Equal([QuorumRecord.Genesis, .. records.SkipLast(1).Select(one => one.Hash)], records.Select(one => one.Record.PrevHash));
        var commit = records[2].Record.PayloadJson.Deserialize(LedgerJson.Default.IssuanceCommit)!;
        Assert.Null(SignedQuorumRecord.TryRead(Assert.Single(commit.Approvals), out var approval));
        Assert.Equal((records[0].ContentHash, records[1].Hash, 1), (commit.ProposalHash, approval!.Hash, commit.Threshold));
        Assert.Equal(3, (await bench.Desk.RecordsAsync("ep-1700002800000", Stop)).Records.Count(one => one.GetProperty("signature").GetString() != records[3].Signature));
    }

    [Fact]
    public async Task Routes_show_exact_numbers()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        var made = JsonSerializer.SerializeToElement(await bench.Desk.RecalculateAsync(Stop), IssuanceJson.Default.RecalculationAnswer);
        var current = JsonSerializer.SerializeToElement(await bench.Desk.CurrentAsync(Stop), IssuanceJson.Default.CurrentIssuance);
        var rolling = JsonSerializer.SerializeToElement(await bench.Desk.RollingAsync("B", Stop), IssuanceJson.Default.RollingAnswer);

        Assert.Equal((3, "3.000000", "17000.000", "708.333", "99.750000"), (
            made.GetProperty("allocations").GetInt32(), Raw(made, "loadIndex"), Raw(made, "dailyPoolTokens"), Raw(made, "hourlyTokens"), Raw(made, "totalWeightedContribution")));
        Assert.Equal(["0.601503759", "0.305764411", "0.092731830"], current.GetProperty("allocations").EnumerateArray().Select(one => one.GetProperty("allocationShare").GetRawText()));
        Assert.Equal("""{"accountId":"B","windowMs":86400000,"account":{"weightedContribution":30.500000,"allocationShare":0.305764411,"contributionCount":1}}""", rolling.GetRawText());
        Assert.Equal("""{"accountId":"Z-1","windowMs":86400000,"account":null}""", JsonSerializer.Serialize(await bench.Desk.RollingAsync("Z-1", Stop), IssuanceJson.Default.RollingAnswer));

        static string Raw(JsonElement made, string name) => made.GetProperty("epoch").GetProperty(name).GetRawText();
    }

    [Fact]
    public async Task A_vote_is_cast_once_and_another_is_refused()
    {
        await using var bench = await IssuanceBench.StartAsync();
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();

        Assert.Equal("epoch_not_found", await ErrorAsync("ep-1", "approve"));
        Assert.Equal("already_voted", await ErrorAsync("ep-1700002800000", "reject"));
        Assert.Equal("validation_failed", await ErrorAsync("ep-1700002800000", "perhaps"));
        var same = (await bench.Desk.VoteAsync(new("ep-1700002800000", "approve"), Stop)).Record;
        Assert.Equal(Assert.Single(await bench.RecordsAsync(), one => one.Record.RecordType == QuorumRecordTypes.Vote).Hash, same.GetProperty("hash").GetString());

        async Task<string> ErrorAsync(string epochId, string vote) => (await Assert.ThrowsAsync<Refusal>(() => bench.Desk.VoteAsync(new(epochId, vote), Stop))).Error;
    }

    [Fact]
    public async Task The_newest_final_epoch_is_anchored_when_a_checkpoint_covers_its_commit()
    {
        await using var none = await IssuanceBench.StartAsync();
        Assert.Equal("anchoring_not_configured", (await Assert.ThrowsAsync<Refusal>(() => none.Desk.AnchorAsync(Stop))).Error);

        await using var bench = await IssuanceBench.StartAsync(anchors: new AnchorSettings { Provider = AnchorProviderKind.Mock });
        Assert.Null((await bench.Desk.AnchorAsync(Stop)).Anchor);
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.Desk.RecalculateAsync(Stop);
        Assert.Null((await bench.Desk.AnchorAsync(Stop)).Anchor);
        await bench.SettleAsync();
        var anchor = (await bench.Desk.AnchorAsync(Stop)).Anchor!;
        Assert.Equal(("issuance", "ep-1700002800000"), (anchor.Kind, anchor.EpochId));
        Assert.Equal(anchor.AnchorId, (await bench.Desk.AnchorAsync(Stop)).Anchor!.AnchorId);
        bench.ToSlotEnd(2);
        await bench.TickAsync();
        Assert.Equal("ep-1700002800000", Assert.Single((await bench.Get<AnchorDesk>().IssuanceAsync(Stop)).Anchors).EpochId);
    }

    [Fact]
    public async Task Who_is_left_out_of_the_approved_coordinators_issues_nothing()
    {
        await using var bench = await IssuanceBench.StartAsync(approved: []);
        await bench.ExampleAsync();
        bench.ToSlotEnd();
        await bench.TickAsync();

        Assert.Null((await bench.Desk.CurrentAsync(Stop)).Epoch);
        Assert.Equal(0, await bench.BalanceAsync("mint:issuance"));
    }
}

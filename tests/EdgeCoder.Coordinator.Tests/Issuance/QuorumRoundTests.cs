using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Quorum;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Issuance;

/// <summary>Coordinators that agree on issuance through their logs (economy-and-ledger 8.2, F8, F14, F19).</summary>
public sealed class QuorumRoundTests
{
    private const string Epoch = "ep-1700002800000";
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(IssuanceBench.SlotEnd - IssuanceBench.Slot + 1_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_come_to_the_same_and_each_posts_to_its_own_accounts()
    {
        var all = await FederationAsync(3);
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await a.WorkAsync("A", 60_000_000);
        await b.WorkAsync("B", 30_500_000);
        await c.WorkAsync("C", 9_250_000);
        await ExchangeAsync(all);
        a.ToSlotEnd();
        for (var n = 0; n < 4; n++)
        {
            await TickAsync(all);
        }

        var epochs = await Task.WhenAll(all.Select(async one => (await one.Desk.CurrentAsync(Stop)).Epoch!));
        Assert.All(epochs, epoch => Assert.Equal((true, epochs[0].ProposalHash), (epoch.Finalized, epoch.ProposalHash)));
        Assert.Equal((426_065L, 216_583L, 65_685L), (await a.BalanceAsync("A"), await b.BalanceAsync("B"), await c.BalanceAsync("C")));
        var minted = await Task.WhenAll(all.Select(one => one.BalanceAsync("mint:issuance")));
        Assert.Equal([-426_065L, -216_583L, -65_685L], minted);
        Assert.All(await Task.WhenAll(all.Select(one => one.CountAsync("SELECT count(*) FROM transfers"))), count => Assert.Equal(1, count));

        // Idle ticks: nothing more is said (F15).
        var leaves = (await a.LeavesAsync()).Count;
        for (var n = 0; n < 12; n++)
        {
            await TickAsync(all);
        }

        Assert.Equal(leaves, (await a.LeavesAsync()).Count);
    }

    [Fact]
    public async Task Of_two_none_issues_without_the_other()
    {
        var all = await FederationAsync(2);
        await using var a = all[0];
        await using var b = all[1];
        await a.WorkAsync("A", 5);
        a.ToSlotEnd();
        await a.TickAsync();
        await a.TickAsync();
        Assert.False((await a.Desk.CurrentAsync(Stop)).Epoch!.Finalized);
        Assert.Equal(0, await a.BalanceAsync("mint:issuance"));

        await TickAsync(all);
        await TickAsync(all);
        Assert.True((await a.Desk.CurrentAsync(Stop)).Epoch!.Finalized);
        Assert.Equal(708_333, await a.BalanceAsync("A"));
    }

    [Fact]
    public async Task Who_has_other_rules_rejects_and_a_majority_of_them_blocks()
    {
        var all = await FederationAsync(3, slopes: [9_999, 3_500, 3_500]);
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await a.WorkAsync("A", 5);
        a.ToSlotEnd();
        await TickAsync(all);
        await TickAsync(all);
        await TickAsync(all);

        var tally = QuorumTally.Of((await a.Desk.CurrentAsync(Stop)).Epoch!.ProposalHash, ["coord-1", "coord-2", "coord-3"], await a.RecordsAsync());
        Assert.Equal((QuorumOutcome.Dead, 2), (tally.Outcome, tally.Rejections.Count));
        Assert.All(tally.Rejections, one => Assert.Equal(IssuanceVote.Mismatch, IssuanceVote.Of(one)!.Reason));
        Assert.Equal(0, await a.BalanceAsync("mint:issuance"));
    }

    [Fact]
    public async Task After_half_a_slot_another_proposes_and_two_proposers_end_with_one_epoch()
    {
        var all = await FederationAsync(3);
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await b.WorkAsync("B", 5);
        await ExchangeAsync(all);
        a.ToSlotEnd();
        await b.TickAsync();
        Assert.Null((await b.Desk.CurrentAsync(Stop)).Epoch);

        _clock.Advance(TimeSpan.FromMilliseconds(IssuanceBench.Slot / 2));
        c.Queued = 39;
        await c.TickAsync();
        await b.TickAsync();
        for (var n = 0; n < 4; n++)
        {
            await TickAsync(b, c);
        }

        // Each approved its own before it saw the other's: two of three are needed, and the one that is left decides.
        Assert.False((await b.Desk.CurrentAsync(Stop)).Epoch!.Finalized);
        for (var n = 0; n < 4; n++)
        {
            await TickAsync(all);
        }

        var epochs = await Task.WhenAll(all.Select(async one => (await one.Desk.CurrentAsync(Stop)).Epoch!));
        Assert.All(epochs, epoch => Assert.Equal((true, epochs[0].ProposalHash), (epoch.Finalized, epoch.ProposalHash)));
        Assert.Equal(708_333, await b.BalanceAsync("B"));
    }

    [Fact]
    public async Task Second_votes_votes_of_strangers_and_replayed_ones_count_for_nothing()
    {
        var all = await FederationAsync(2);
        await using var a = all[0];
        await using var b = all[1];
        await a.WorkAsync("A", 5);
        a.ToSlotEnd();
        await a.TickAsync();
        var hash = (await a.Desk.CurrentAsync(Stop)).Epoch!.ProposalHash;
        var stranger = await IssuanceBench.StartAsync(peerId: "coord-9", seed: 99);
        await using (stranger)
        {
            Assert.Equal("coordinator_not_approved", await a.DoAsync(batch => QuorumBook.Receive(batch, Vote(stranger, hash, IssuanceVote.Approve), null, 1)));
            Assert.Equal("invalid_signature", await a.DoAsync(batch => QuorumBook.Receive(batch, Vote(stranger, hash, IssuanceVote.Approve, "coord-2"), b.Identity.Key.PublicKey, 1)));
        }

        var reject = Vote(b, hash, IssuanceVote.Reject);
        Assert.Null(await a.DoAsync(batch => QuorumBook.Receive(batch, reject, b.Identity.Key.PublicKey, 1)));
        Assert.Null(await a.DoAsync(batch => QuorumBook.Receive(batch, reject, b.Identity.Key.PublicKey, 1)));
        Assert.Equal("equivocation", await a.DoAsync(batch => QuorumBook.Receive(batch, Vote(b, hash, IssuanceVote.Approve), b.Identity.Key.PublicKey, 1)));
        Assert.Equal("equivocation", await a.DoAsync(batch => QuorumBook.Receive(batch, Vote(b, hash, IssuanceVote.Approve, prevHash: reject.Hash), b.Identity.Key.PublicKey, 1)));
        Assert.Equal("invalid_prev_hash", await a.DoAsync(batch => QuorumBook.Receive(batch, Vote(b, hash, IssuanceVote.Approve, prevHash: new('f', 64)), b.Identity.Key.PublicKey, 1)));
        await a.TickAsync();

        Assert.Equal(0, await a.BalanceAsync("mint:issuance"));
        Assert.Equal("coord-2", Assert.Single(QuorumTally.Of(hash, ["coord-1", "coord-2"], await a.RecordsAsync()).Equivocators));
        Assert.Equal(3, (await a.RecordsAsync()).Count(one => one.Record.CoordinatorId == "coord-2"));
    }

    [Fact]
    public async Task A_proposal_with_a_set_of_its_own_is_rejected()
    {
        var all = await FederationAsync(3);
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];

        // The planted lie: it knows no peers, so it agrees with itself.
        await a.ForgetAsync();
        await a.WorkAsync("A", 5);
        a.ToSlotEnd();
        await a.TickAsync();
        Assert.True((await a.Desk.CurrentAsync(Stop)).Epoch!.Finalized);
        await TickAsync(all);
        await TickAsync(all);

        Assert.Equal(0, await b.CountAsync("SELECT count(*) FROM issuance_epochs"));
        Assert.Contains(await b.RecordsAsync(), one => one.Record.CoordinatorId == "coord-2" && IssuanceVote.Of(one) is { Vote: IssuanceVote.Reject });
    }

    [Fact]
    public async Task Only_the_active_policy_narrows_the_set()
    {
        var all = await FederationAsync(3);
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await PolicyAsync(a, "pol-draft", TreasuryPolicyStatus.Draft, "coord-9");
        Assert.Equal(["coord-1", "coord-2", "coord-3"], await NamesAsync(a));
        await PolicyAsync(a, "pol-active", TreasuryPolicyStatus.Active, "coord-1\ncoord-3\ncoord-9");
        Assert.Equal(["coord-1", "coord-3"], await NamesAsync(a));

        static async Task<IEnumerable<string>> NamesAsync(IssuanceBench bench) => (await bench.Get<QuorumMembers>().NowAsync(Stop)).Select(one => one.CoordinatorId);
        static Task PolicyAsync(IssuanceBench bench, string id, TreasuryPolicyStatus status, string ids) => bench.DoAsync(batch =>
        {
            batch.Insert(new TreasuryPolicyRow
            {
                PolicyId = id, TreasuryAccountId = "t-1", MultisigDescriptor = "d", QuorumThreshold = 1, TotalCustodians = 1, CustodianIds = "k-1", ApprovedCoordinatorIds = ids, KeyRotationDays = 90, Status = status,
                ActivatedAtMs = 1, CreatedAtMs = 1, UpdatedAtMs = 1,
            });
            return true;
        });
    }

    [Fact]
    public async Task A_member_that_changes_its_key_goes_on_voting_and_its_earlier_votes_stand()
    {
        var all = await FederationAsync(2);
        await using var a = all[0];
        await using var b = all[1];
        await b.WorkAsync("B", 5);
        await ExchangeAsync(all);
        a.ToSlotEnd();
        await TickAsync(all);
        await TickAsync(all);
        var first = Assert.Single(await b.RecordsAsync(), one => one.Record.CoordinatorId == "coord-2" && IssuanceVote.Of(one) is not null);

        // Between its vote and the commit; the statement reaches the peer as peers tell each other.
        var old = b.Identity.Key.PublicKey;
        await b.Get<KeyRotation>().AskedAsync(new("planned"), "op-1", Stop);
        await b.SettleAsync();
        await a.Get<PeerKeyChanges>().ToldAsync("coord-2", b.Identity.Chain!.Texts(), Stop);
        await TickAsync(all);
        await TickAsync(all);
        Assert.True(first.IsSignedBy(old));
        Assert.All(await Task.WhenAll(all.Select(async one => (await one.Desk.CurrentAsync(Stop)).Epoch!.Finalized)), Assert.True);
        Assert.Equal(708_333, await b.BalanceAsync("B"));

        // The next slot is voted on with the new key, and the old one has no say in it.
        _clock.Advance(TimeSpan.FromHours(49));
        await b.WorkAsync("B", 5);
        await ExchangeAsync(all);
        _clock.Advance(TimeSpan.FromMilliseconds(IssuanceBench.Slot));
        for (var n = 0; n < 4; n++)
        {
            await TickAsync(all);
        }

        var epoch = (await a.Desk.CurrentAsync(Stop)).Epoch!;
        Assert.NotEqual(Epoch, epoch.IssuanceEpochId);
        Assert.True(epoch.Finalized);
        var votes = (await a.RecordsAsync(epoch.IssuanceEpochId)).Where(one => one.Record.CoordinatorId == "coord-2" && IssuanceVote.Of(one) is not null).ToList();
        Assert.All(votes, vote => Assert.Equal((true, false), (vote.IsSignedBy(b.Identity.Key.PublicKey), vote.IsSignedBy(old))));
        Assert.NotEmpty(votes);
    }

    private async Task<IssuanceBench[]> FederationAsync(int members, int[]? slopes = null)
    {
        var all = new IssuanceBench[members];
        for (var n = 0; n < members; n++)
        {
            all[n] = await IssuanceBench.StartAsync(peerId: $"coord-{n + 1}", seed: (byte)(n * 32), clock: _clock, slopeBps: slopes?[n] ?? 3_500);
        }

        foreach (var one in all)
        {
            await one.ApproveAsync(all.Where(other => other != one));
        }

        return all;
    }

    private static async Task TickAsync(params IssuanceBench[] all)
    {
        await ExchangeAsync(all);
        foreach (var one in all)
        {
            await one.TickAsync();
        }
    }

    private static async Task ExchangeAsync(params IssuanceBench[] all)
    {
        foreach (var one in all)
        {
            foreach (var other in all.Where(other => other != one))
            {
                await other.KeepLogOfAsync(one);
            }
        }
    }

    private static SignedQuorumRecord Vote(IssuanceBench author, string hash, string vote, string? inTheNameOf = null, string prevHash = QuorumRecord.Genesis) => SignedQuorumRecord.Sign(
        new()
        {
            V = 1, RecordId = Guid.NewGuid().ToString(), RecordType = QuorumRecordTypes.Vote, EpochId = Epoch, CoordinatorId = inTheNameOf ?? author.PeerId, PrevHash = prevHash, CreatedAtMs = 1,
            PayloadJson = System.Text.Json.JsonSerializer.SerializeToElement(new IssuanceVote(hash, vote, inTheNameOf ?? author.PeerId), LedgerJson.Default.IssuanceVote),
        },
        author.Identity.Key);
}

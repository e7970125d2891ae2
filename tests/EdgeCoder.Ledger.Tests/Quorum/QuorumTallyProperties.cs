using System.Text.Json;
using CsCheck;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Tests.Records;

namespace EdgeCoder.Ledger.Tests.Quorum;

/// <summary>Counting votes (economy-and-ledger 8.2, F19): the set of the votes decides, whatever their order and however often they come.</summary>
public sealed class QuorumTallyProperties
{
    private static readonly string Proposal = new('a', 64);
    private static readonly string Rival = new('b', 64);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    public void Final_at_the_threshold_and_not_before(int members, int threshold)
    {
        var seats = Seats(members);
        Assert.Equal(QuorumOutcome.Open, Count(seats, seats.Take(threshold - 1).Select(voter => Cast(voter, true))).Outcome);
        Assert.Equal(QuorumOutcome.Final, Count(seats, seats.Take(threshold).Select(voter => Cast(voter, true))).Outcome);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    public void Dead_when_more_reject_than_may_be_missing(int members, int rejections)
    {
        var seats = Seats(members);
        Assert.Equal(QuorumOutcome.Open, Count(seats, seats.Take(rejections - 1).Select(voter => Cast(voter, false))).Outcome);
        Assert.Equal(QuorumOutcome.Dead, Count(seats, seats.Take(rejections).Select(voter => Cast(voter, false))).Outcome);
    }

    [Fact]
    public void A_vote_that_comes_twice_counts_once_and_a_strangers_never()
    {
        var seats = Seats(3);
        var vote = Cast("coord-1", true);

        Assert.Equal(QuorumOutcome.Open, Count(seats, [vote, vote, Cast("coord-1", true, id: 7), Cast("coord-9", true)]).Outcome);
        Assert.Equal(QuorumOutcome.Open, Count(seats, [vote, Cast("coord-2", true, Rival)]).Outcome);
    }

    [Fact]
    public void Who_votes_in_two_ways_has_no_vote()
    {
        var seats = Seats(3);
        var both = Count(seats, [Cast("coord-1", true), Cast("coord-2", true), Cast("coord-2", false)]);
        var rivals = Count(seats, [Cast("coord-1", true), Cast("coord-2", true), Cast("coord-2", true, Rival)]);
        var refusesOne = Count(seats, [Cast("coord-1", true), Cast("coord-2", true), Cast("coord-2", false, Rival)]);

        Assert.Equal((QuorumOutcome.Open, "coord-2"), (both.Outcome, Assert.Single(both.Equivocators)));
        Assert.Equal((QuorumOutcome.Open, "coord-2"), (rivals.Outcome, Assert.Single(rivals.Equivocators)));
        Assert.Equal((QuorumOutcome.Final, 0), (refusesOne.Outcome, refusesOne.Equivocators.Count));
    }

    [Fact]
    public void Order_and_repetition_change_nothing() =>
        Gen.Select(Gen.Int[1, 5], Gen.Select(Gen.Int[0, 6], Gen.Bool, Gen.Bool).Array[0, 12], Gen.Int).Sample((members, cast, seed) =>
        {
            var seats = Seats(members);
            var votes = cast.Select(one => Cast($"coord-{one.Item1}", one.Item2, one.Item3 ? Proposal : Rival)).ToArray();
            SignedQuorumRecord[] shuffled = [.. votes, .. votes.Take(3)];
            new Random(seed).Shuffle(shuffled);
            return Said(Count(seats, votes)) == Said(Count(seats, shuffled));
        }, iter: 300);

    [Fact]
    public void Two_proposals_of_a_slot_are_never_both_final() =>
        Gen.Select(Gen.Int[1, 5], Gen.Select(Gen.Int[0, 6], Gen.Bool, Gen.Bool).Array[0, 14]).Sample((members, cast) =>
        {
            var seats = Seats(members);
            var votes = cast.Select(one => Cast($"coord-{one.Item1}", one.Item2, one.Item3 ? Proposal : Rival)).ToArray();
            return QuorumTally.Of(Proposal, seats, votes).Outcome != QuorumOutcome.Final || QuorumTally.Of(Rival, seats, votes).Outcome != QuorumOutcome.Final;
        }, iter: 300);

    [Fact]
    public void The_set_is_narrowed_and_never_widened()
    {
        var self = ("coord-1", "k1");
        (string, string)[] peers = [("coord-3", "k3"), ("coord-2", "k2"), ("coord-2b", "k2"), ("coord-x", "k1")];

        Assert.Equal(["coord-1", "coord-2", "coord-3"], QuorumSet.Of(self, peers, null, null));
        Assert.Equal(["coord-1", "coord-3"], QuorumSet.Of(self, peers, ["coord-1", "coord-3", "coord-9"], null));
        Assert.Equal(["coord-3"], QuorumSet.Of(self, peers, ["coord-1", "coord-3"], ["coord-3"]));
        Assert.Empty(QuorumSet.Of(self, peers, [], null));
    }

    private static QuorumTally Count(IReadOnlyCollection<string> seats, IEnumerable<SignedQuorumRecord> votes) => QuorumTally.Of(Proposal, seats, votes);

    private static string Said(QuorumTally tally) =>
        $"{tally.Outcome} {string.Join(' ', tally.Approvals.Select(one => one.Record.CoordinatorId))} | {string.Join(' ', tally.Rejections.Select(one => one.Record.CoordinatorId))} | {string.Join(' ', tally.Equivocators)}";

    private static List<string> Seats(int count) => [.. Enumerable.Range(1, count).Select(n => $"coord-{n}")];

    private static SignedQuorumRecord Cast(string voter, bool approve, string? proposal = null, int id = 1)
    {
        using var key = SpecificationLog.C;
        return SignedQuorumRecord.Sign(
            new()
            {
                V = 1, RecordId = $"00000000-0000-4000-8000-00000000000{id}", RecordType = QuorumRecordTypes.Vote, EpochId = "ep-1700002800000", CoordinatorId = voter, PrevHash = QuorumRecord.Genesis, CreatedAtMs = 1,
                PayloadJson = JsonElement.Parse($$"""{"proposalHash":"{{proposal ?? Proposal}}","vote":"{{(approve ? "approve" : "reject")}}","voterCoordinatorId":"{{voter}}"}"""),
            },
            key);
    }
}

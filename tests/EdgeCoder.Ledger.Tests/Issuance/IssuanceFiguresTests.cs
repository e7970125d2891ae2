using CsCheck;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Ledger.Quorum;

namespace EdgeCoder.Ledger.Tests.Issuance;

/// <summary>What an epoch issues to whom (economy-and-ledger 8.1, 21.1, F8, F12).</summary>
public sealed class IssuanceFiguresTests
{
    internal const long SlotEnd = 1_700_002_800_000;
    internal static readonly IssuanceTerms Terms = new(new(new(10_000_000), new(2_500_000), new(100_000_000), 3_500), 3_500, 3_600_000, 86_400_000);
    internal static readonly IssuanceInputs Inputs = new(40, 8, 10, 3, 1_200_000);

    private static readonly Contribution[] Example = [Of("A", 60_000_000), Of("B", 30_500_000), Of("C", 9_250_000)];

    [Fact]
    public void The_example_of_the_specification_is_split_as_it_says()
    {
        var figures = IssuanceFigures.Of(Terms, Inputs, SlotEnd, Example)!;

        Assert.Equal((3_000_000L, 1_830_000L, 12_905_000L, 537_708L, 99_750_000L, 3L), (figures.RawLoad, figures.Load, figures.DailyPool.Value, figures.SlotPool.Value, figures.TotalWeightMicro, figures.ContributionCount));
        Assert.Equal([323_433L, 164_412, 49_863], figures.Allocations.Select(one => one.IssuedMc));
        Assert.Equal([0.601503759m, 0.305764411m, 0.092731830m], figures.Allocations.Select(one => one.Share(figures.TotalWeightMicro)));
    }

    [Fact]
    public void The_parts_sum_to_the_pool_and_the_order_of_the_work_makes_no_difference() =>
        Gen.Select(Contributions, Gen.Int).Sample((work, seed) =>
        {
            var figures = IssuanceFigures.Of(Terms, Inputs, SlotEnd, work);
            var shuffled = work.ToArray();
            new Random(seed).Shuffle(shuffled);
            var again = IssuanceFigures.Of(Terms, Inputs, SlotEnd, shuffled);
            return figures is null
                ? again is null && !work.Any(one => one.Counts && one.AtMs > SlotEnd - Terms.WindowMs)
                : figures.Allocations.Sum(one => one.IssuedMc) == figures.SlotPool.Value && figures.Allocations.Sum(one => one.WeightMicro) == figures.TotalWeightMicro
                    && IssuanceProposal.HashOf(figures.Allocations) == IssuanceProposal.HashOf(again!.Allocations) && figures.Allocations.Select(one => (one.AccountId, one.HomeCoordinatorId)).Distinct().Count() == figures.Allocations.Count;
        });

    [Fact]
    public void Work_of_one_owner_for_itself_unverified_work_and_the_systems_own_weigh_nothing()
    {
        Contribution[] uncounted =
        [
            Of("A", 1_000) with { SameOwner = true }, Of("A", 1_000) with { Verified = false }, Of("A", 0), Of("peer:coord-2", 1_000), Of("ops:coord-1", 1_000),
        ];

        Assert.Null(IssuanceFigures.Of(Terms, Inputs, SlotEnd, uncounted));
        Assert.Equal(IssuanceFigures.Of(Terms, Inputs, SlotEnd, Example)!.Allocations, IssuanceFigures.Of(Terms, Inputs, SlotEnd, [.. uncounted, .. Example])!.Allocations);
    }

    [Fact]
    public void The_window_leaves_its_start_out_and_has_its_end_in()
    {
        Contribution[] atEdges =
        [
            Of("before", 1) with { AtMs = SlotEnd - 86_400_000 }, Of("first", 1) with { AtMs = SlotEnd - 86_400_000 + 1 }, Of("last", 1) with { AtMs = SlotEnd }, Of("after", 1) with { AtMs = SlotEnd + 1 },
        ];

        Assert.Equal(["first", "last"], IssuanceFigures.Of(Terms, Inputs, SlotEnd, atEdges)!.Allocations.Select(one => one.AccountId));
    }

    [Fact]
    public void Accounts_of_one_name_at_two_homes_are_two()
    {
        var figures = IssuanceFigures.Of(Terms, Inputs, SlotEnd, [Of("acct-1", 5), Of("acct-1", 5) with { HomeCoordinatorId = "coord-2" }])!;

        Assert.Equal([("acct-1", "coord-1"), ("acct-1", "coord-2")], figures.Allocations.Select(one => (one.AccountId, one.HomeCoordinatorId)));
    }

    [Fact]
    public void Slots_are_aligned() => Assert.Equal((SlotEnd, SlotEnd, "ep-1700002800000"), (Terms.SlotEnd(SlotEnd), Terms.SlotEnd(SlotEnd + 3_599_999), IssuanceTerms.EpochId(SlotEnd)));

    internal static Contribution Of(string account, long weight) => new("coord-1", account, weight, SlotEnd - 1_000, true, false);

    internal static Gen<Contribution[]> Contributions => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 6], Gen.Long[0, 1_000_000_000], Gen.Long[0, 90_000_000], Gen.Int[0, 9])
        .Select((home, account, weight, back, kind) => new Contribution($"coord-{home}", account == 6 ? "peer:coord-9" : $"acct-{account}", weight, SlotEnd - back, kind != 0, kind == 1)).Array[0, 40];
}

using CsCheck;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Issuance;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Tests.Issuance;

/// <summary>How much is issued, and by what (economy-and-ledger 3.2, 8.1, 21.1).</summary>
public sealed class IssuanceTests
{
    private static readonly IssuancePool Pool = new(new(10_000_000), new(2_500_000), new(100_000_000), 3_500);

    [Fact]
    public void The_example_of_the_specification_comes_out()
    {
        var raw = LoadIndex.Raw(40, 8, 10, 3);
        var load = LoadIndex.Smoothed(1_200_000, raw, 3_500);
        var day = Pool.OfDay(load);
        Assert.Equal((3_000_000L, 1_830_000L, 12_905_000L, 537_708L), (raw, load, day.Value, IssuancePool.OfSlot(day, 3_600_000).Value));
        Assert.Equal(27_500_000, Pool.OfDay(6_000_000).Value);
    }

    [Fact]
    public void The_first_epoch_has_the_raw_load() => Assert.Equal(3_000_000, LoadIndex.Smoothed(null, 3_000_000, 3_500));

    [Fact]
    public void The_load_stays_in_its_range_whatever_the_figures() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Int).Sample((queued, agents, cpu, gpu, alpha) =>
        {
            var raw = LoadIndex.Raw(queued, agents, cpu, gpu);
            var smoothed = LoadIndex.Smoothed(LoadIndex.Least, raw, alpha);
            return raw is >= LoadIndex.Least and <= LoadIndex.Most && smoothed is >= LoadIndex.Least and <= LoadIndex.Most;
        });

    [Fact]
    public void A_day_is_never_outside_its_limits() =>
        Gen.Long[0, long.MaxValue / 20_000].Sample(load => Pool.OfDay(load) is { Value: >= 2_500_000 and <= 100_000_000 });

    [Fact]
    public void The_slots_of_a_day_never_issue_more_than_the_day() =>
        Gen.Select(Gen.Long[0, 100_000_000], Gen.Int[0, 2]).Sample((day, at) => new[] { 60_000L, 3_600_000, 7_200_000 }[at] is var slot && IssuancePool.OfSlot(new(day), slot).Value * (86_400_000 / slot) <= day);

    [Theory]
    [InlineData(15_000, ResourceClass.Gpu, 6_000, 7_500, 13_500_000)]
    [InlineData(12_345, ResourceClass.Cpu, 10_000, 10_000, 12_345_000)]
    public void A_lease_weighs_what_the_specification_says(long ms, ResourceClass resourceClass, int quality, int reliability, long weight) =>
        Assert.Equal(weight, ContributionWeight.Of(ms, resourceClass, quality, reliability));
}

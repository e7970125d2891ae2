using CsCheck;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Ledger.Prices;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Tests.Prices;

/// <summary>Prices (economy-and-ledger 5, 21.1).</summary>
public sealed class PriceTests
{
    [Theory]
    [InlineData(ResourceClass.Cpu, 10, 13, 33)]
    [InlineData(ResourceClass.Gpu, 2, 5, 183)]
    [InlineData(ResourceClass.Cpu, 10, 0, 21)]
    [InlineData(ResourceClass.Cpu, 1, 101, 120)]
    [InlineData(ResourceClass.Cpu, 1, 2, 41)]
    [InlineData(ResourceClass.Cpu, 0, 0, 30)]
    public void A_unit_costs_what_the_specification_says(ResourceClass resourceClass, long capacity, long demand, long price) => Assert.Equal(price, UnitPrice.Of(resourceClass, capacity, demand, 0));

    [Fact]
    public void No_figures_overflow_and_more_demand_is_never_cheaper() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, 1_000]).Sample((capacity, queued, active, more) =>
        {
            var price = UnitPrice.Of(ResourceClass.Gpu, capacity, queued, active);
            return price is >= 42 and <= 480 && (queued > long.MaxValue - more || UnitPrice.Of(ResourceClass.Gpu, capacity, queued + more, active) >= price);
        });

    [Theory]
    [InlineData("30@120 45@100 90@100", 45)]
    [InlineData("30@100 40@100", 30)]
    [InlineData("30@120 1@500", 1)]
    [InlineData("10@1 20@1 30@1 40@1", 20)]
    [InlineData("5@0 9@0", 9)]
    [InlineData("5@-7 9@1", 9)]
    [InlineData("", 0)]
    public void The_median_is_the_middle_by_weight(string values, long median) =>
        Assert.Equal(median, WeightedMedian.Of(values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => (long.Parse(one.Split('@')[0], null), long.Parse(one.Split('@')[1], null)))));

    [Fact]
    public void The_median_is_one_of_the_values_and_no_order_changes_it() =>
        Gen.Select(Gen.Select(Gen.Long[0, 1_000], Gen.Long[-5, long.MaxValue]).Array[1, 9], Gen.Int[0, 100]).Sample((values, seed) =>
        {
            var other = values.ToArray();
            new Random(seed).Shuffle(other);
            var median = WeightedMedian.Of(values.Select(one => (one.Item1, one.Item2)));
            return values.Any(one => one.Item1 == median) && WeightedMedian.Of(other.Select(one => (one.Item1, one.Item2))) == median;
        });

    [Fact]
    public void Credits_are_never_worth_more_sats_than_they_cost() =>
        Gen.Select(Gen.Long[1, 100_000_000], Gen.Long[1, 100_000]).Sample((sats, rate) => UnitPrice.SatsFor(UnitPrice.CreditsFor(sats, rate), rate) <= sats + (rate / 2000) + 1);

    [Fact]
    public void Without_a_price_nothing_is_bought_or_worth_anything()
    {
        Assert.Equal(Millicredits.Zero, UnitPrice.CreditsFor(100, 0));
        Assert.Equal(0, UnitPrice.SatsFor(new(100), -1));
        Assert.Equal(0, UnitPrice.SatsFor(new(-100), 30));
    }

    [Theory]
    [InlineData(4_700_000_000, 3, 3_133)]
    [InlineData(1_000_000_000, 1, 1_000)]
    [InlineData(1_000_000_000, 0, 1_000)]
    [InlineData(500_000_000, 10, 275)]
    public void Handing_on_a_file_is_shown_at_its_price(long bytes, int seeders, long price) => Assert.Equal(price, DisplayPrice.Seeding(bytes, seeders).Value);

    [Theory]
    [InlineData(12_346, 7_000, 8_642)]
    [InlineData(12_345, 7_000, 8_642)]
    public void An_offline_proposal_is_rounded_to_the_nearest(long cpuMs, int modelBps, long price) => Assert.Equal(price, OfflineCharge.Of(cpuMs, modelBps).Value);
}

using CsCheck;
using EdgeCoder.Ledger.Charges;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Tests.Charges;

public sealed class EarningFormulaTests
{
    [Theory]
    [InlineData(12_345, 10_000, 10_000, 10_000, 12_345)]
    [InlineData(30_000, 10_000, 10_000, 10_000, 30_000)]
    [InlineData(30_000, 10_000, 12_500, 7_000, 26_250)]
    [InlineData(0, 10_000, 10_000, 10_000, 0)]
    [InlineData(1, 5_000, 10_000, 10_000, 1)]
    [InlineData(1, 10_000, 10_000, 3_000, 0)]
    public void The_examples_of_the_specification_come_out(long ms, int quality, int load, int model, long expected) =>
        Assert.Equal(expected, EarningFormula.Earn(ms, ResourceClass.Cpu, quality, load, model).Value);

    [Fact]
    public void An_estimate_of_two_subtasks_of_thirty_seconds_is_96_credits() =>
        Assert.Equal(96_000, 2 * EarningFormula.Estimate(30_000, ResourceClass.Cpu).Value);

    [Fact]
    public void No_lease_costs_more_than_its_estimate() =>
        Gen.Select(Gen.Long[0, 7_200_000], Gen.Int[5_000, 10_000], Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.Long[0, 100_000_000_000]).Sample((ms, quality, queued, agents, parameters) =>
        {
            var earned = EarningFormula.Earn(ms, ResourceClass.Gpu, quality, EarningFormula.Load(queued, agents), EarningFormula.ModelBps(parameters));
            return earned.Value >= 0 && earned <= EarningFormula.Estimate(ms, ResourceClass.Gpu);
        });

    [Fact]
    public void More_time_never_earns_less() =>
        Gen.Select(Gen.Long[0, 7_200_000], Gen.Long[0, 1_000]).Sample((ms, more) =>
            EarningFormula.Earn(ms, ResourceClass.Cpu, 10_000, 8_000, 5_000) <= EarningFormula.Earn(ms + more, ResourceClass.Cpu, 10_000, 8_000, 5_000));

    [Theory]
    [InlineData(0, 0, 12_500)]
    [InlineData(1, 2, 8_000)]
    [InlineData(2, 2, 10_000)]
    [InlineData(4, 2, 12_500)]
    [InlineData(5, 2, 16_000)]
    public void Load_follows_its_table(long queued, long agents, int expected) => Assert.Equal(expected, EarningFormula.Load(queued, agents));

    [Theory]
    [InlineData(7_000_000_000, 10_000)]
    [InlineData(6_999_999_999, 7_000)]
    [InlineData(1_500_000_000, 5_000)]
    [InlineData(0, 3_000)]
    public void Model_size_follows_its_table(long parameters, int expected) => Assert.Equal(expected, EarningFormula.ModelBps(parameters));

    [Fact]
    public void Negative_time_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => EarningFormula.Earn(-1, ResourceClass.Cpu, 10_000, 10_000, 10_000));

    [Fact]
    public void What_does_not_fit_is_an_error_and_never_wraps() => Assert.Throws<OverflowException>(() => EarningFormula.Earn(long.MaxValue, ResourceClass.Gpu, 15_000, int.MaxValue, int.MaxValue));
}

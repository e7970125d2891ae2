using CsCheck;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Tests.Amounts;

public sealed class MillicreditsTests
{
    [Theory]
    [InlineData("1.2345", "amount_precision")]
    [InlineData("0", "amount_out_of_range")]
    [InlineData("-1", "amount_out_of_range")]
    [InlineData("9007199254740.992", "amount_out_of_range")]
    [InlineData("79228162514264337593543950335", "amount_out_of_range")]
    public void What_is_no_amount_is_refused_with_its_code(string text, string fault)
    {
        Assert.False(Millicredits.TryRead(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture), out _, out var told));
        Assert.Equal(fault, told);
    }

    [Fact]
    public void Text_and_amount_go_both_ways() =>
        Gen.Long[1, Millicredits.Largest].Sample(mc => Millicredits.TryRead(decimal.Parse(new Millicredits(mc).ToString(), System.Globalization.CultureInfo.InvariantCulture), out var back, out _) && back.Value == mc);

    [Fact]
    public void Three_decimals_are_always_shown() => Assert.Equal("12.300", new Millicredits(12_300).ToString());

    [Fact]
    public void A_sum_that_does_not_fit_is_an_error() => Assert.Throws<OverflowException>(() => new Millicredits(long.MaxValue) + new Millicredits(1));

    [Fact]
    public void Halves_go_up_and_nothing_is_further_than_a_half() =>
        Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Long[1, 1_000_000]).Sample((a, b) =>
        {
            var rounded = Rounding.HalfUp(a, b);
            return 2 * ((Int128)rounded * b - a) <= b && 2 * (a - (Int128)rounded * b) < b;
        });
}

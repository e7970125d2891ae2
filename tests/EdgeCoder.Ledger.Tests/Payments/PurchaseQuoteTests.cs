using CsCheck;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Payments;
using EdgeCoder.Ledger.Prices;

namespace EdgeCoder.Ledger.Tests.Payments;

/// <summary>Purchases and payouts (economy-and-ledger 6.1, 8.4, 21.1).</summary>
public sealed class PurchaseQuoteTests
{
    [Theory]
    [InlineData(10_000, 150, 9_850, 328_333, 9_849)]
    [InlineData(66, 0, 66, 2_200, 66)]
    [InlineData(67, 1, 66, 2_200, 66)]
    [InlineData(2_500, 37, 2_463, 82_100, 2_463)]
    [InlineData(99_999_999, 1_499_999, 98_500_000, 3_283_333_333, 98_499_999)]
    [InlineData(1, 0, 1, 33, 0)]
    public void A_purchase_comes_to_what_the_specification_says(long sats, long fee, long net, long credits, long back)
    {
        var quote = PurchaseQuote.Of(sats, 150, 30)!;
        Assert.Equal(new(sats, fee, net, new(credits)), quote);
        Assert.Equal(back, UnitPrice.SatsFor(quote.Credits, 30));
    }

    [Fact]
    public void Without_a_fee_all_of_it_buys()
    {
        var quote = PurchaseQuote.Of(2_500, 0, 30)!;
        Assert.Equal((83_333L, 2_499L), (quote.Credits.Value, UnitPrice.SatsFor(quote.Credits, 30)));
    }

    [Fact]
    public void What_would_buy_nothing_is_no_purchase() => Assert.Null(PurchaseQuote.Of(1, 0, 2_001));

    [Theory]
    [InlineData(0, 150)]
    [InlineData(-1, 150)]
    [InlineData(100_000_001, 150)]
    [InlineData(1, -1)]
    [InlineData(1, 10_001)]
    public void Amounts_out_of_range_are_refused(long sats, int fee) => Assert.Throws<ArgumentOutOfRangeException>(() => PurchaseQuote.Of(sats, fee, 30));

    [Fact]
    public void A_payout_of_the_specification_is_divided_to_the_last_thousandth()
    {
        var shares = PayoutShares.Of(9_850_000, 500, 500);
        Assert.Equal(new(492_500, 492_500, 8_865_000), shares);
        var parts = Split.Of(shares.ContributorsMsat, [new("A", 60_000_000), new("B", 30_500_000), new("C", 9_250_000)]);
        Assert.Equal(9_850_000, shares.ServiceMsat + shares.ReserveMsat + parts.Sum(part => part.Amount));
    }

    [Fact]
    public void Shares_always_sum_to_the_net() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[-100, 20_000], Gen.Int[-100, 20_000]).Sample((net, service, reserve) =>
        {
            var shares = PayoutShares.Of(net, service, reserve);
            return shares.ServiceMsat >= 0 && shares.ReserveMsat >= 0 && shares.ContributorsMsat >= 0 && shares.ServiceMsat + shares.ReserveMsat + shares.ContributorsMsat == net;
        });
}

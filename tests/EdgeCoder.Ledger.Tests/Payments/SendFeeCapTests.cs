using CsCheck;
using EdgeCoder.Ledger.Payments;

namespace EdgeCoder.Ledger.Tests.Payments;

/// <summary>min(most, max(5, ceil(amount × bps / 10000))) (economy-and-ledger 6.4).</summary>
public sealed class SendFeeCapTests
{
    [Theory]
    [InlineData(1, 50, 100, 5)]
    [InlineData(500, 50, 100, 5)]
    [InlineData(501, 50, 100, 6)]
    [InlineData(1_000, 50, 100, 10)]
    [InlineData(1_001, 50, 100, 11)]
    [InlineData(100_000, 50, 100, 50)]
    [InlineData(100_000, 3, 100, 3)]
    [InlineData(100_000, 0, 100, 0)]
    [InlineData(10_000, 50, 0, 5)]
    [InlineData(2_100_000_000_000_000, 2_100_000_000_000_000, 10_000, 2_100_000_000_000_000)]
    public void Cap_is_the_smaller_of_both(long amount, long most, int bps, long cap) => Assert.Equal(cap, SendFeeCap.Of(amount, most, bps));

    [Fact]
    public void Cap_never_exceeds_the_most_and_covers_the_share_below_it() => Gen.Select(Gen.Long[0, 2_100_000_000_000_000], Gen.Long[0, 1_000_000], Gen.Int[0, 10_000]).Sample((amount, most, bps) =>
    {
        var cap = SendFeeCap.Of(amount, most, bps);
        return cap >= 0 && cap <= most && (cap == most || (cap >= 5 && (Int128)cap * 10_000 >= (Int128)amount * bps && (cap == 5 || (Int128)(cap - 1) * 10_000 < (Int128)amount * bps)));
    });
}

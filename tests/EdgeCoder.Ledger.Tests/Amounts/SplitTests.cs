using CsCheck;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Tests.Amounts;

/// <summary>Division that loses and invents nothing (economy-and-ledger 1.2, 21.1; F12).</summary>
public sealed class SplitTests
{
    [Fact]
    public void The_examples_of_the_specification_come_out()
    {
        Assert.Equal([34L, 33, 33], Amounts(Split.Of(100, [new("a", 1), new("b", 1), new("c", 1)])));
        Assert.Equal([2L, 2, 1], Amounts(Split.Of(5, [new("a", 3), new("b", 3), new("c", 1)])));
        Assert.Equal([323_433L, 164_412, 49_863], Amounts(Split.Of(537_708, [new("A", 60_000_000), new("B", 30_500_000), new("C", 9_250_000)])));
        Assert.Equal([5_332_331L, 2_710_601, 822_068], Amounts(Split.Of(8_865_000, [new("A", 60_000_000), new("B", 30_500_000), new("C", 9_250_000)])));
    }

    [Fact]
    public void Parts_sum_to_the_total_whatever_the_order() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue].Array[1, 12], Gen.Int[0, 1_000]).Where((_, weights, _) => weights.Any(weight => weight > 0)).Sample(
            (total, values, seed) =>
            {
                var weights = values.Select((value, at) => new Weight($"account-{at}", value)).ToArray();
                var parts = Split.Of(total, weights);
                var other = weights.ToArray();
                new Random(seed).Shuffle(other);
                return parts.Aggregate(Int128.Zero, (sum, part) => sum + part.Amount) == total
                    && parts.All(part => part.Amount >= 0)
                    && Split.Of(total, other).OrderBy(part => part.Id, StringComparer.Ordinal).SequenceEqual(parts.OrderBy(part => part.Id, StringComparer.Ordinal));
            },
            iter: 100_000);

    [Fact]
    public void Nobody_is_off_by_a_unit_or_more() =>
        Gen.Select(Gen.Long[0, 1_000_000], Gen.Long[0, 1_000].Array[1, 8]).Where((_, weights) => weights.Any(weight => weight > 0)).Sample((total, values) =>
        {
            var sum = values.Sum();
            return Split.Of(total, [.. values.Select((value, at) => new Weight($"{at}", value))]).Zip(values).All(pair => Math.Abs((pair.First.Amount * sum) - (total * pair.Second)) < sum);
        });

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => Split.Of(1, []));
        Assert.ThrowsAny<ArgumentException>(() => Split.Of(1, [new("a", 0)]));
        Assert.ThrowsAny<ArgumentException>(() => Split.Of(1, [new("a", 2), new("b", -1)]));
        Assert.ThrowsAny<ArgumentException>(() => Split.Of(1, [new("a", 2), new("a", 1)]));
        Assert.ThrowsAny<ArgumentException>(() => Split.Of(-1, [new("a", 2)]));
    }

    private static IEnumerable<long> Amounts(IReadOnlyList<Share> shares) => shares.Select(share => share.Amount);
}

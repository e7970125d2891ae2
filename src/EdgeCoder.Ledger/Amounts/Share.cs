using System.Numerics;

namespace EdgeCoder.Ledger.Amounts;

/// <summary>A part of a total that somebody is given.</summary>
/// <param name="Id">Who.</param>
/// <param name="Amount">How much, in the unit of the total.</param>
public readonly record struct Share(string Id, long Amount);

/// <summary>What somebody weighs in a split.</summary>
/// <param name="Id">Who; each once.</param>
/// <param name="Value">Weight, 0 or more, in any unit that is the same for all.</param>
public readonly record struct Weight(string Id, long Value);

/// <summary>Exact division of an amount (economy-and-ledger 1.2).</summary>
public static class Split
{
    /// <summary>
    /// Each part is floor(total × weight / W) with W the sum of the weights; the units that remain go one each to the largest remainders, ties to the smaller
    /// id (ordinal). The parts always sum to the total and do not depend on the order of the weights, in which they are given back. Throws
    /// <see cref="ArgumentException"/> when all weights are 0, one is negative, or an id comes twice, and for a negative total.
    /// </summary>
    public static IReadOnlyList<Share> Of(long total, IReadOnlyList<Weight> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        if (weights.Any(weight => weight.Value < 0) || weights.Select(weight => weight.Id).Distinct(StringComparer.Ordinal).Count() != weights.Count)
        {
            throw new ArgumentException("Weights are 0 or more, and nobody weighs twice.", nameof(weights));
        }

        // The products of two longs fit 128 bits, their sum need not.
        var sum = weights.Aggregate(BigInteger.Zero, (total, weight) => total + weight.Value);
        if (sum.IsZero)
        {
            throw new ArgumentException("Nobody weighs anything.", nameof(weights));
        }

        var parts = weights.Select(weight => BigInteger.DivRem((BigInteger)total * weight.Value, sum)).ToList();
        var amounts = parts.Select(part => (long)part.Quotient).ToArray();
        var left = (int)(total - amounts.Aggregate(BigInteger.Zero, (all, amount) => all + amount));
        foreach (var at in Enumerable.Range(0, weights.Count).OrderByDescending(at => parts[at].Remainder).ThenBy(at => weights[at].Id, StringComparer.Ordinal).Take(left))
        {
            amounts[at]++;
        }

        return [.. weights.Select((weight, at) => new Share(weight.Id, amounts[at]))];
    }
}

namespace EdgeCoder.Ledger.Prices;

/// <summary>The value in the middle when each is as heavy as who gave it (economy-and-ledger 5).</summary>
public static class WeightedMedian
{
    /// <summary>
    /// The first value, in ascending order, at which twice the weight so far reaches the whole; weights below 0 count as 0. Where nothing weighs anything, the
    /// value in the middle, the higher of two. 0 for no values.
    /// </summary>
    public static long Of(IEnumerable<(long Value, long Weight)> values)
    {
        var sorted = values.Select(one => (one.Value, Weight: (Int128)Math.Max(0, one.Weight))).OrderBy(one => one.Value).ToList();
        if (sorted.Count == 0)
        {
            return 0;
        }

        var total = sorted.Aggregate(Int128.Zero, (sum, one) => sum + one.Weight);
        if (total <= 0)
        {
            return sorted[sorted.Count / 2].Value;
        }

        var cumulative = Int128.Zero;
        foreach (var (value, weight) in sorted)
        {
            cumulative += weight;
            if (2 * cumulative >= total)
            {
                return value;
            }
        }

        return sorted[^1].Value;
    }
}

namespace EdgeCoder.Benchmarks;

/// <summary>Middle values: a neighbour that wakes up for a moment does not move them.</summary>
internal static class Statistics
{
    public static double Median(this IEnumerable<double> values) => values.Quantile(0.5);

    /// <summary>The smallest value that this part of all values does not exceed.</summary>
    public static double Quantile(this IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}

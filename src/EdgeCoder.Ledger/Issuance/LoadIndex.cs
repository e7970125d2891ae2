using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Issuance;

/// <summary>How loaded the network is, in millionths: 1,000,000 where there is as much work as capacity (economy-and-ledger 8.1).</summary>
public static class LoadIndex
{
    /// <summary>The least.</summary>
    public const long Least = 200_000;

    /// <summary>The most.</summary>
    public const long Most = 6_000_000;

    /// <summary>clamp(rhu(10^6 × max(1, queued + agents), max(1, cpuCapacity + 2 × gpuCapacity)), 200000, 6000000). Counts are 0 or more.</summary>
    public static long Raw(long queued, long agents, long cpuCapacity, long gpuCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queued);
        ArgumentOutOfRangeException.ThrowIfNegative(agents);
        ArgumentOutOfRangeException.ThrowIfNegative(cpuCapacity);
        ArgumentOutOfRangeException.ThrowIfNegative(gpuCapacity);
        var work = 1_000_000 * Int128.Max(1, (Int128)queued + agents);
        var capacity = Int128.Max(1, (Int128)cpuCapacity + ((Int128)gpuCapacity * 2));

        // Beyond the most it need not fit a long before it is clamped.
        return work >= Most * capacity ? Most : Math.Max(Least, Rounding.HalfUp(work, capacity));
    }

    /// <summary>
    /// The load that issuance uses: rhu(previous × (10000 − a) + raw × a, 10000) with a = clamp(alpha, 100, 10000) in basis points; the raw load where no
    /// epoch was final before.
    /// </summary>
    public static long Smoothed(long? previous, long raw, int alphaBps)
    {
        var alpha = Math.Clamp(alphaBps, 100, 10_000);
        return previous is { } before ? Rounding.HalfUp(((Int128)before * (10_000 - alpha)) + ((Int128)raw * alpha), 10_000) : raw;
    }
}

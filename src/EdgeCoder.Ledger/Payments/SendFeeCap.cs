namespace EdgeCoder.Ledger.Payments;

/// <summary>The most that sending sats may cost beyond the amount (economy-and-ledger 6.4).</summary>
public static class SendFeeCap
{
    private const long LeastSats = 5;

    /// <summary>min(<paramref name="mostSats"/>, max(5, ceil(amount × bps / 10000))), in sats. Amounts are 0 or more, basis points 0 to 10,000.</summary>
    public static long Of(long amountSats, long mostSats, int bps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amountSats);
        ArgumentOutOfRangeException.ThrowIfNegative(mostSats);
        ArgumentOutOfRangeException.ThrowIfNegative(bps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bps, 10_000);
        var share = (long)((((Int128)amountSats * bps) + 9_999) / 10_000);
        return Math.Min(mostSats, Math.Max(LeastSats, share));
    }
}

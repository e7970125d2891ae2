namespace EdgeCoder.Ledger.Amounts;

/// <summary>Integer rounding of economy-and-ledger 1.2.</summary>
public static class Rounding
{
    /// <summary>rhu(a, b) = ⌊(2a + b) / 2b⌋ for a ≥ 0, b &gt; 0: to the nearest, halves up. Throws <see cref="OverflowException"/> when the result is no long.</summary>
    public static long HalfUp(Int128 a, Int128 b)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(a);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(b);
        return checked((long)(checked(2 * a + b) / checked(2 * b)));
    }
}

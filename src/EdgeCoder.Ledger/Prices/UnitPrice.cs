using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Prices;

/// <summary>What a unit of computing costs, by supply and demand (economy-and-ledger 5), and what credits cost by it.</summary>
public static class UnitPrice
{
    /// <summary>Sats for a credit while no price was ever agreed on.</summary>
    public const long DefaultSatsPerCredit = 30;

    /// <summary>
    /// Sats for a unit of computing, 1 or more: max(1, rhu(base × n, 100 × cap)) with cap = max(1, capacity), demand = max(1, queued + active) and
    /// n = clamp(65 × cap + 35 × demand, 35 × cap, 400 × cap); base 30 for processors, 120 for graphics processors. Counts are 0 or more.
    /// </summary>
    public static long Of(ResourceClass resourceClass, long capacity, long queued, long active)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfNegative(queued);
        ArgumentOutOfRangeException.ThrowIfNegative(active);
        var price = resourceClass switch
        {
            ResourceClass.Cpu => 30,
            ResourceClass.Gpu => 120,
            _ => throw new ArgumentOutOfRangeException(nameof(resourceClass)),
        };
        Int128 cap = Math.Max(1, capacity);
        var demand = Int128.Max(1, (Int128)queued + active);
        var load = Int128.Clamp((65 * cap) + (35 * demand), 35 * cap, 400 * cap);
        return Math.Max(1, Rounding.HalfUp(price * load, 100 * cap));
    }

    /// <summary>Millicredits for sats: rhu(sats × 1000, rate); nothing where the rate is 0 or less.</summary>
    public static Millicredits CreditsFor(long sats, long satsPerCredit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sats);
        return satsPerCredit <= 0 ? Millicredits.Zero : new(Rounding.HalfUp((Int128)sats * 1000, satsPerCredit));
    }

    /// <summary>Sats that credits are worth, rounded down: information, because credits are not redeemable. 0 where either is 0 or less.</summary>
    public static long SatsFor(Millicredits credits, long satsPerCredit) =>
        credits.Value <= 0 || satsPerCredit <= 0 ? 0 : checked((long)((Int128)credits.Value * satsPerCredit / 1000));
}

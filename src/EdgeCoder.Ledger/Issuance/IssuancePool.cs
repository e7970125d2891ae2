using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Issuance;

/// <summary>How much is issued (economy-and-ledger 8.1). One token is one credit.</summary>
/// <param name="Base">A day's pool at a load of 1,000,000 millionths.</param>
/// <param name="Least">The least of a day.</param>
/// <param name="Most">The most of a day.</param>
/// <param name="SlopeBps">By how much of the base the pool grows for each whole load above the first, in basis points.</param>
public sealed record IssuancePool(Millicredits Base, Millicredits Least, Millicredits Most, int SlopeBps)
{
    private const long DayMs = 86_400_000;

    /// <summary>A day's pool: clamp(rhu(base × (10^10 + max(0, load − 10^6) × slope), 10^10), least, most). The load is in millionths.</summary>
    public Millicredits OfDay(long load)
    {
        var grown = Rounding.HalfUp(Base.Value * (10_000_000_000 + ((Int128)Math.Max(0, load - 1_000_000) * SlopeBps)), 10_000_000_000);
        return new(Math.Clamp(grown, Least.Value, Most.Value));
    }

    /// <summary>A slot's pool: floor(day × slot / a day).</summary>
    public static Millicredits OfSlot(Millicredits day, long slotMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slotMs);
        return new(checked((long)((Int128)day.Value * slotMs / DayMs)));
    }
}

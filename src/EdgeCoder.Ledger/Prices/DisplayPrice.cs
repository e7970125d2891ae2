using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Prices;

/// <summary>Prices that are shown and from which no transfer is made (economy-and-ledger 3.2).</summary>
public static class DisplayPrice
{
    /// <summary>One request to a model: max(500, parameters in millions) millicredits.</summary>
    public static Millicredits Request(long parameters) => new(Math.Max(500, parameters / 1_000_000));

    /// <summary>Handing on a file: rhu(bytes × 500 × (s + 1), 10^9 × s) millicredits with s = max(1, seeders).</summary>
    public static Millicredits Seeding(long bytes, int seeders)
    {
        Int128 count = Math.Max(1, seeders);
        return new(Rounding.HalfUp(bytes * 500 * (count + 1), 1_000_000_000 * count));
    }
}

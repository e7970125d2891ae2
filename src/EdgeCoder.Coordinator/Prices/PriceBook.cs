using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Prices;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>The prices that are in force.</summary>
internal static class PriceBook
{
    /// <summary>What a credit costs: the current price of processors, else the standard (economy-and-ledger 5).</summary>
    public static long SatsPerCredit(IStoreBatch batch) => CurrentCpu(batch) ?? UnitPrice.DefaultSatsPerCredit;

    /// <summary>The current price of processors; null when none was ever agreed on.</summary>
    public static long? CurrentCpu(IStoreBatch batch) =>
        batch.Query("SELECT price_per_compute_unit_sats FROM price_epochs WHERE status = 'current' AND resource_class = $1", row => row.Number(0), "cpu") is [var price] ? price : null;
}

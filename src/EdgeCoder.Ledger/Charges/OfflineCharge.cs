using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Charges;

/// <summary>What two machines agree on while no coordinator can be reached (economy-and-ledger 17).</summary>
public static class OfflineCharge
{
    /// <summary>rhu(cpuMs × modelBps, 10^4), without a load factor. It is a proposal: the amount that both sign counts.</summary>
    public static Millicredits Of(long cpuMs, int modelBps) => new(Rounding.HalfUp((Int128)cpuMs * modelBps, 10_000));
}

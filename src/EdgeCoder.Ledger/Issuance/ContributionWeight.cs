using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Ledger.Issuance;

/// <summary>What a paid lease weighs when credits are issued (economy-and-ledger 3.2), in millionths.</summary>
public static class ContributionWeight
{
    /// <summary>Reliability of work that was verified.</summary>
    public const int VerifiedBps = 10_000;

    /// <summary>Reliability of work that nobody ran again; statistics keep it, issuance counts it not at all.</summary>
    public const int UnverifiedBps = 7_500;

    /// <summary>rhu(ms × k × quality × reliability, 10^5) with k 1 for processors and 2 for graphics processors. Time is 0 or more, the factors are basis points.</summary>
    public static long Of(long ms, ResourceClass resourceClass, int qualityBps, int reliabilityBps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ms);
        ArgumentOutOfRangeException.ThrowIfNegative(qualityBps);
        ArgumentOutOfRangeException.ThrowIfNegative(reliabilityBps);
        return Rounding.HalfUp(checked((Int128)ms * (resourceClass == ResourceClass.Gpu ? 2 : 1) * qualityBps * reliabilityBps), 100_000);
    }
}

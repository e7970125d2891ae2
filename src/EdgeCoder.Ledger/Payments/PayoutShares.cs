using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Ledger.Payments;

/// <summary>How the net of a purchase is divided when sats are paid out (economy-and-ledger 8.4), in thousandths of a sat.</summary>
/// <param name="ServiceMsat">The coordinator's.</param>
/// <param name="ReserveMsat">The reserve's.</param>
/// <param name="ContributorsMsat">What is split over those who contributed, or kept until there are some.</param>
public sealed record PayoutShares(long ServiceMsat, long ReserveMsat, long ContributorsMsat)
{
    private const int MostBps = 5_000;

    /// <summary>Service and reserve are floor(net × share / 10000), each share clamped to 0…5000 basis points; the rest is the contributors'.</summary>
    public static PayoutShares Of(long netMsat, int serviceBps, int reserveBps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(netMsat);
        var service = Part(netMsat, serviceBps);
        var reserve = Part(netMsat, reserveBps);
        return new(service, reserve, netMsat - service - reserve);
    }

    private static long Part(long netMsat, int bps) => (long)((Int128)netMsat * Math.Clamp(bps, 0, MostBps) / 10_000);
}

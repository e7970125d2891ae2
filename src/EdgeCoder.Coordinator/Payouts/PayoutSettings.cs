using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>How the net of purchases is divided (economy-and-ledger 8.4). Off unless an operator wants it: what was received then stays in <c>sats:net</c>.</summary>
public sealed class PayoutSettings
{
    private const long MostBps = 5_000;
    private const long MostTogetherBps = 9_000;

    /// <summary><c>SATS_PAYOUTS_ENABLED</c>.</summary>
    public bool Enabled { get; init; }

    /// <summary><c>ISSUANCE_COORDINATOR_SHARE</c>, in basis points.</summary>
    public int ServiceBps { get; init; } = 500;

    /// <summary><c>ISSUANCE_RESERVE_SHARE</c>, in basis points.</summary>
    public int ReserveBps { get; init; } = 500;

    /// <summary>Reads them.</summary>
    public static PayoutSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (service, reserve) = (reader.BasisPoints("ISSUANCE_COORDINATOR_SHARE", 500, MostBps), reader.BasisPoints("ISSUANCE_RESERVE_SHARE", 500, MostBps));
        if (service + reserve > MostTogetherBps)
        {
            reader.Refuse("ISSUANCE_COORDINATOR_SHARE and ISSUANCE_RESERVE_SHARE must be at most 0.9 together: the rest is the contributors'.");
        }

        return new() { Enabled = reader.Flag("SATS_PAYOUTS_ENABLED", false), ServiceBps = (int)service, ReserveBps = (int)reserve };
    }
}

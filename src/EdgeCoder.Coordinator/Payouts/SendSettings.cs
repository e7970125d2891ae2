using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Limits of sends (economy-and-ledger 6.4, 19), in sats. There is no switch: sends work where the provider is a node that pays.</summary>
public sealed class SendSettings
{
    private const long MostSats = 2_100_000_000_000_000;

    /// <summary><c>WALLET_SEND_MAX_SATS</c>: most of one send.</summary>
    public long MaxSats { get; init; } = 100_000;

    /// <summary><c>WALLET_SEND_REVIEW_SATS</c>: more than this waits for an operator.</summary>
    public long ReviewSats { get; init; } = 50_000;

    /// <summary><c>WALLET_SEND_DAILY_LIMIT_SATS</c>: most of an account in any 24 hours, fees included.</summary>
    public long DailySats { get; init; } = 250_000;

    /// <summary><c>WALLET_SEND_GLOBAL_DAILY_LIMIT_SATS</c>: the same of all accounts together.</summary>
    public long GlobalDailySats { get; init; } = 1_000_000;

    /// <summary><c>WALLET_SEND_MAX_FEE_SATS</c>: most that a send costs beyond its amount.</summary>
    public long MaxFeeSats { get; init; } = 50;

    /// <summary><c>WALLET_SEND_MAX_FEE_BPS</c>: the same as a part of the amount; 5 sats are always allowed.</summary>
    public int MaxFeeBps { get; init; } = 100;

    /// <summary>Reads them. Above 2^53 thousandths of a sat nothing could be held, so the largest send is smaller than that.</summary>
    public static SendSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new()
        {
            MaxSats = reader.Number("WALLET_SEND_MAX_SATS", 100_000, 1, MostSats),
            ReviewSats = reader.Number("WALLET_SEND_REVIEW_SATS", 50_000, 0, MostSats),
            DailySats = reader.Number("WALLET_SEND_DAILY_LIMIT_SATS", 250_000, 0, MostSats),
            GlobalDailySats = reader.Number("WALLET_SEND_GLOBAL_DAILY_LIMIT_SATS", 1_000_000, 0, MostSats),
            MaxFeeSats = reader.Number("WALLET_SEND_MAX_FEE_SATS", 50, 0, MostSats),
            MaxFeeBps = (int)reader.Number("WALLET_SEND_MAX_FEE_BPS", 100, 0, 10_000),
        };
    }
}

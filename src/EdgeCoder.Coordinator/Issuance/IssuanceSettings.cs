using EdgeCoder.Hosting.Settings;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Issuance;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>Settings of issuance (economy-and-ledger 19). All coordinators of a quorum have the same, or their figures differ and nothing is issued.</summary>
public sealed class IssuanceSettings
{
    private const long MostTokens = 1_000_000_000;

    /// <summary>Pools, load curve, slot and window.</summary>
    public IssuanceTerms Terms { get; init; } = new(new(new(10_000_000), new(2_500_000), new(100_000_000), 3_500), 3_500, 3_600_000, 86_400_000);

    /// <summary><c>ANCHOR_INTERVAL_MS</c>: at most one anchor of issuance in this time.</summary>
    public TimeSpan AnchorInterval { get; init; } = TimeSpan.FromMilliseconds(7_200_000);

    /// <summary><c>APPROVED_COORDINATOR_IDS</c>: only these are members of the quorum. Null: every approved peer.</summary>
    public IReadOnlyList<string>? ApprovedCoordinatorIds { get; init; }

    /// <summary>Reads them; every fault goes to the reader.</summary>
    public static IssuanceSettings Read(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var window = (long)reader.Milliseconds("ISSUANCE_WINDOW_MS", 86_400_000, 60_000, 604_800_000).TotalMilliseconds;
        var slot = (long)reader.Milliseconds("ISSUANCE_RECALC_MS", 3_600_000, 60_000, 604_800_000).TotalMilliseconds;
        if (slot > window)
        {
            reader.Refuse("ISSUANCE_RECALC_MS must be at most ISSUANCE_WINDOW_MS: work between two windows would never count.");
        }

        var pool = reader.Number("ISSUANCE_BASE_DAILY_POOL_TOKENS", 10_000, 0, MostTokens);
        var least = reader.Number("ISSUANCE_MIN_DAILY_POOL_TOKENS", 2_500, 0, MostTokens);
        var most = reader.Number("ISSUANCE_MAX_DAILY_POOL_TOKENS", 100_000, 0, MostTokens);
        if (least > pool || pool > most)
        {
            reader.Refuse("ISSUANCE_BASE_DAILY_POOL_TOKENS must be from ISSUANCE_MIN_DAILY_POOL_TOKENS to ISSUANCE_MAX_DAILY_POOL_TOKENS.");
        }

        var alpha = (int)reader.BasisPoints("ISSUANCE_SMOOTHING_ALPHA", 3_500, 10_000);
        if (alpha < 100)
        {
            reader.Refuse("ISSUANCE_SMOOTHING_ALPHA must be from 0.01 to 1.");
        }

        return new()
        {
            Terms = new(new(Credits(pool), Credits(least), Credits(most), (int)reader.BasisPoints("ISSUANCE_LOAD_CURVE_SLOPE", 3_500, 100_000)), alpha, slot, window),
            AnchorInterval = reader.Milliseconds("ANCHOR_INTERVAL_MS", 7_200_000, 10_000, 604_800_000),
            ApprovedCoordinatorIds = reader.Text("APPROVED_COORDINATOR_IDS") is null ? null : reader.List("APPROVED_COORDINATOR_IDS"),
        };

        static Millicredits Credits(long tokens) => new(tokens * 1_000);
    }
}

using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Limits of 24 hours (economy-and-ledger 6.4), counted in the transaction that holds the sats: several silos do not each give all of it.</summary>
internal static class SendLimits
{
    private const long WindowMs = 86_400_000;
    private const long MsatPerSat = 1_000;

    // What is open counts however old it is, by what it holds; what was sent counts for 24 hours from then on, by what it cost.
    private const string Counted = "SELECT CAST(COALESCE(SUM(charged_msat), 0) AS bigint) FROM wallet_send_requests WHERE (status IN ('pending_manual_review', 'approved', 'sending', 'unknown') OR (status = 'sent' AND ended_at_ms > $1))";

    /// <summary>Throws 409 <c>wallet_daily_limit_reached</c> when the account, or all together, have more than their limit with what is counted already.</summary>
    public static void Check(IStoreBatch batch, string accountId, SendSettings settings, long nowMs)
    {
        var from = nowMs - WindowMs;
        if (Above(batch.Query(Counted + " AND account_id = $2", row => row.Number(0), from, accountId)[0], settings.DailySats))
        {
            throw Reached($"An account sends at most {settings.DailySats} sats in 24 hours, fees and what waits included.");
        }

        if (Above(batch.Query(Counted, row => row.Number(0), from)[0], settings.GlobalDailySats))
        {
            throw Reached("This coordinator has sent what it sends in 24 hours. Try again later.");
        }
    }

    private static bool Above(long msat, long limitSats) => msat > (Int128)limitSats * MsatPerSat;

    private static Refusal Reached(string detail) => new(409, "wallet_daily_limit_reached", detail);
}

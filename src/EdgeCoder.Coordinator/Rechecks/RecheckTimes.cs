namespace EdgeCoder.Coordinator.Rechecks;

/// <summary>Time and price of a verify or audit lease (coordinator-and-mesh 4.4; economy-and-ledger 3.2). Pure.</summary>
internal static class RecheckTimes
{
    /// <summary>No model runs: the plain factor.</summary>
    public const int ModelBps = 10_000;

    private const int OverheadMs = 120_000;
    private const int LongestMs = 7_200_000;

    /// <summary>Limit of the attempt, and the paid maximum: a check runs at most twice, unpacking and fetching come on top.</summary>
    public static (int LimitMs, int BudgetMs) Of(int checkTimeoutMs)
    {
        var runs = (int)Math.Min(2L * checkTimeoutMs, LongestMs - OverheadMs);
        return (runs + OverheadMs, runs);
    }
}

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Which eligible subtask goes first (coordinator-and-mesh 4.3): <c>priority + min(40, waitMs/15000) − min(40, 10·log2(1 + usage))</c>, ties by queue
/// time, then id. Waiting lifts every subtask, so no project starves; usage sinks the project that has had much.
/// </summary>
internal static class Ranking
{
    /// <summary>A granted lease counts half after this time.</summary>
    public const double HalfLifeMs = 600_000;

    /// <summary>Rank of a subtask that has waited since <paramref name="queuedAtMs"/>; the highest goes first.</summary>
    public static double Rank(int priority, long queuedAtMs, long nowMs, double usage) =>
        priority + Math.Min(40, Math.Max(0, nowMs - queuedAtMs) / 15_000.0) - Math.Min(40, 10 * Math.Log2(1 + usage));

    /// <summary>Weight now of usage that was counted at <paramref name="atMs"/>.</summary>
    public static double Decay(double usage, long atMs, long nowMs) => nowMs <= atMs ? usage : usage * Math.Pow(0.5, (nowMs - atMs) / HalfLifeMs);

    /// <summary>Orders two candidates: negative when the first goes first.</summary>
    public static int Compare(double rank, SubtaskFacts subtask, double otherRank, SubtaskFacts other)
    {
        var byRank = otherRank.CompareTo(rank);
        var byTime = byRank != 0 ? byRank : subtask.QueuedAtMs.CompareTo(other.QueuedAtMs);
        return byTime != 0 ? byTime : string.CompareOrdinal(subtask.SubtaskId, other.SubtaskId);
    }
}

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Who of a quorum set broadcasts (economy-and-ledger 13.2). Pure.</summary>
internal static class AnchorLeader
{
    /// <summary>Sync intervals within which a member must have been heard.</summary>
    public const int Intervals = 3;

    /// <summary>The smallest id (ordinal) among the members that were heard, self included.</summary>
    /// <param name="self">This coordinator, always heard.</param>
    /// <param name="heardAtMs">When each other member was heard last.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="syncInterval"><c>STATS_LEDGER_SYNC_INTERVAL_MS</c>.</param>
    public static string Of(string self, IReadOnlyDictionary<string, long> heardAtMs, long nowMs, TimeSpan syncInterval) =>
        heardAtMs.Where(member => nowMs - member.Value <= Intervals * (long)syncInterval.TotalMilliseconds).Select(member => member.Key).Append(self).Min(StringComparer.Ordinal)!;
}

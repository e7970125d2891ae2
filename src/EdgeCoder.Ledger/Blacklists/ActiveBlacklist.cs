namespace EdgeCoder.Ledger.Blacklists;

/// <summary>The list in force: a pure function of the set of events, whatever the order in which they came (economy-and-ledger 14).</summary>
public static class ActiveBlacklist
{
    /// <summary>The entries in force, by source and sequence. A revocation counts when it is the entry's own source's or, for the effect here, the local one's.</summary>
    /// <param name="known">Every event known, in any order, any of them several times.</param>
    /// <param name="localSource">This coordinator.</param>
    /// <param name="nowMs">Now.</param>
    public static IReadOnlyList<BlacklistEvent> Of(IEnumerable<BlacklistEvent> known, string localSource, long nowMs)
    {
        var events = known.DistinctBy(e => (e.SourceCoordinatorId, e.Sequence)).ToList();
        var revoked = events.Where(e => e.RevokesEventId is not null).Select(e => (e.SourceCoordinatorId, e.RevokesEventId!)).ToHashSet();
        return
        [
            .. events
                .Where(e => e.Action == BlacklistEvent.Add
                    && (e.ExpiresAtMs is not { } end || end > nowMs)
                    && !revoked.Contains((e.SourceCoordinatorId, e.EventId))
                    && !revoked.Contains((localSource, e.EventId)))
                .OrderBy(e => e.SourceCoordinatorId, StringComparer.Ordinal)
                .ThenBy(e => e.Sequence),
        ];
    }
}

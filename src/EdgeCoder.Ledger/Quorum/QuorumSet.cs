namespace EdgeCoder.Ledger.Quorum;

/// <summary>Who decides together (economy-and-ledger 8.2).</summary>
public static class QuorumSet
{
    /// <summary>
    /// This coordinator and its approved peers of role coordinator, one for each key (the smaller id), in order of their ids; narrowed to the coordinators of the active treasury
    /// policy and to <c>APPROVED_COORDINATOR_IDS</c> where they are given. An empty list is nobody, never everybody.
    /// </summary>
    /// <param name="self">This coordinator with the id of its key.</param>
    /// <param name="peers">Approved peers with the ids of their keys.</param>
    /// <param name="ofPolicy">What the active policy lists; null without an active policy or list.</param>
    /// <param name="configured">What is configured; null when nothing is.</param>
    public static IReadOnlyList<string> Of((string Id, string KeyId) self, IEnumerable<(string Id, string KeyId)> peers, IReadOnlyCollection<string>? ofPolicy, IReadOnlyCollection<string>? configured) =>
    [
        .. peers.Where(peer => peer.Id != self.Id && peer.KeyId != self.KeyId).OrderBy(peer => peer.Id, StringComparer.Ordinal).DistinctBy(peer => peer.KeyId, StringComparer.Ordinal).Select(peer => peer.Id)
            .Append(self.Id)
            .Where(id => (ofPolicy is null || ofPolicy.Contains(id)) && (configured is null || configured.Contains(id)))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];
}

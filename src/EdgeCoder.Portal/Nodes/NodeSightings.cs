using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Portal.Nodes;

/// <summary>What a coordinator says it saw of a node: shown to people, and decides nothing.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="LastSeenMs">When.</param>
/// <param name="KeySha256">The key that it uses.</param>
internal sealed record NodeSighting(string NodeId, long LastSeenMs, string? KeySha256)
{
    /// <summary>Stores some of the coordinator of this portal; older ones change nothing.</summary>
    public static int Store(IStoreBatch batch, IReadOnlyList<NodeSighting> seen, long nowMs) => seen.Sum(one => batch.Execute(
        "UPDATE nodes SET last_seen_ms = $2, seen_key_sha256 = $3 WHERE node_id = $1 AND coordinator_id = $4 AND deleted_at_ms IS NULL AND key_sha256 IS NOT NULL AND (last_seen_ms IS NULL OR last_seen_ms < $2)",
        one.NodeId, Math.Min(one.LastSeenMs, nowMs), one.KeySha256, NodeStore.Home));
}

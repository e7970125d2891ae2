using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Operators;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>
/// Later decisions of the portal (coordinator-and-mesh 3.1): asked for every minute, and at once when the portal says that a node changed. Without an answer
/// everything stays as it is.
/// </summary>
internal sealed class PortalRefresh(AgentDirectory directory, NodePortalClient portal, AgentOperations operations)
{
    /// <summary>Asks about every agent that the portal enrolled.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (!portal.IsConfigured)
        {
            return;
        }

        var agents = await directory.KnownAsync(cancellationToken).ConfigureAwait(false);
        foreach (var some in agents.Where(a => a.Row.EnrolledBy == "portal").Select(a => a.Row.AgentId).Chunk(NodePortalClient.MostIds))
        {
            await RefreshAsync(some, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks about one node, because the portal says that it changed. The message itself decides nothing.</summary>
    public async Task RefreshAsync(string nodeId, CancellationToken cancellationToken)
    {
        if (portal.IsConfigured && await directory.KnownAsync(nodeId, cancellationToken).ConfigureAwait(false) is { Row.EnrolledBy: "portal" })
        {
            await RefreshAsync([nodeId], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RefreshAsync(string[] nodeIds, CancellationToken cancellationToken)
    {
        List<SeenNode> seen = [];
        foreach (var nodeId in nodeIds)
        {
            if (await directory.KnownAsync(nodeId, cancellationToken).ConfigureAwait(false) is { } known && directory.SightingOf(known) is { LastSeenMs: > 0 } sighting)
            {
                seen.Add(new(nodeId, sighting.LastSeenMs, known.Row.PublicKeySha256));
            }
        }

        if (await portal.LookUpAsync(nodeIds, seen, cancellationToken).ConfigureAwait(false) is not { } nodes)
        {
            return;
        }

        foreach (var nodeId in nodeIds)
        {
            var (approved, reason) = Decision(nodes.FirstOrDefault(n => n?.NodeId == nodeId));
            if ((await directory.KnownAsync(nodeId, cancellationToken).ConfigureAwait(false))?.Row.Approved != approved)
            {
                await operations.DecideAsync(nodeId, approved, reason, "portal", cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // A node that the portal no longer has is withdrawn: absence never admits.
    internal static (bool Approved, string Reason) Decision(PortalNode? node) => node switch
    {
        null => (false, "node_not_enrolled"),
        { NodeKind: not (null or "agent") } => (false, "node_kind_mismatch"),
        { Active: true } => (true, "ok"),
        { EmailVerified: false } => (false, "email_unverified"),
        { Status: "rejected" or "revoked" or "suspended" } => (false, "node_" + node.Status),
        { NodeApproved: false } => (false, "node_pending_coordinator_approval"),
        _ => (false, "node_inactive"),
    };
}

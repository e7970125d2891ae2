using EdgeCoder.Portal.Pages;

namespace EdgeCoder.Portal.Nodes;

/// <summary>Nodes in words for pages.</summary>
internal static class NodeWords
{
    /// <summary>A node for its owner, or for those who decide.</summary>
    public static NodeView Of(OwnedNode node, long nowMs, bool forOperators = false)
    {
        var (row, state) = (node.Row, node.Row.State);
        return new()
        {
            NodeId = row.NodeId,
            State = State(row.Status),
            Tone = node.Active ? "good" : row.Status is NodeStatus.Rejected or NodeStatus.Revoked ? "bad" : "wait",
            Blocked = node.Blocked(nowMs) is { } blocked ? Blocked(blocked, forOperators, state.Pause == NodePause.Owner) : null,
            Reason = row.Reason,
            Fingerprint = NodeJson.Fingerprint(row),
            Device = row.DeviceId,
            Rewards = row.Rewards switch
            {
                RewardLink.Asked => "the coordinator is being told to pay you",
                RewardLink.Linked => "paid to your account",
                RewardLink.Conflict => "paid to somebody else: an operator of the coordinator has to move the link",
                _ => null,
            },
            LastSeenMs = row.LastSeenMs,
            UpdatedAtMs = row.UpdatedAtMs,
            TokenEndsMs = row.TokenUsedAtMs is null && row.TokenExpiresAtMs > nowMs ? row.TokenExpiresAtMs : null,
            Owner = forOperators ? node.OwnerEmail : null,
            SourceIp = forOperators ? row.SourceIp : null,
            CanPause = row.Status == NodeStatus.Approved,
            CanResume = row.Status == NodeStatus.Suspended && state.Pause == NodePause.Owner,
            CanRotate = state.Verdict == NodeVerdict.None,
            Suspended = row.Status == NodeStatus.Suspended,
            Refused = state.Verdict != NodeVerdict.None,
        };
    }

    private static string State(NodeStatus status) => status switch
    {
        NodeStatus.AwaitingKey => "waits for its worker",
        NodeStatus.Pending => "waits for approval",
        NodeStatus.Approved => "approved",
        NodeStatus.Suspended => "paused",
        NodeStatus.Rejected => "rejected",
        _ => "revoked",
    };

    private static string Blocked(string reason, bool forOperators, bool byOwner) => reason switch
    {
        "email_unverified" => forOperators ? "Its owner has not confirmed the mail address yet." : "Confirm your mail address: until then it gets no work.",
        "node_pending_coordinator_approval" => forOperators ? "It waits for a decision." : "An operator has not approved it yet; until then it gets no work.",
        "node_rejected" => forOperators ? "It was rejected; approving it lifts that." : "An operator rejected it. Only an operator's approval lifts that.",
        "node_revoked" => forOperators ? "It was revoked; approving it lifts that." : "An operator revoked it. Only an operator's approval lifts that.",
        "node_suspended" when byOwner => forOperators ? "Its owner paused it." : "You paused it. Resume it when it may work again.",
        "node_suspended" => forOperators ? "An operator suspended it." : "An operator suspended it. Only an operator resumes it.",
        "registration_token_expired" => "Its code has run out unused. Make a new one.",
        _ => "Start its worker with the join code. If you no longer have the code, make a new one.",
    };
}

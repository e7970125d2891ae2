using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.Portal.Nodes;

/// <summary>What a node is.</summary>
internal enum NodeKind
{
    /// <summary>Works on tasks.</summary>
    Agent,

    /// <summary>Gives tasks out. Never approved by policy.</summary>
    Coordinator,
}

/// <summary>States of portal-and-control-plane 9.1.</summary>
internal enum NodeStatus
{
    /// <summary>Enrolled; no key is bound.</summary>
    AwaitingKey,

    /// <summary>A key is bound; no work before an operator approves.</summary>
    Pending,

    /// <summary>May work.</summary>
    Approved,

    /// <summary>Stopped by its owner or an operator.</summary>
    Suspended,

    /// <summary>Refused before it was approved.</summary>
    Rejected,

    /// <summary>Refused afterwards.</summary>
    Revoked,
}

/// <summary>Who stopped a node. Only an operator lifts an operator's stop.</summary>
internal enum NodePause
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Its owner.</summary>
    Owner,

    /// <summary>An operator.</summary>
    Operator,
}

/// <summary>An operator's no, which neither its owner nor a new key lifts.</summary>
internal enum NodeVerdict
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Before the node was approved.</summary>
    Rejected,

    /// <summary>Afterwards.</summary>
    Revoked,
}

/// <summary>
/// What decides whether a node may work, and every step from one state to another (portal-and-control-plane 9.1, 9.2). Pure. A step that changes nothing gives the same state;
/// one that is not allowed throws <see cref="Refusal"/>.
/// </summary>
internal sealed record NodeState
{
    /// <summary>What it is.</summary>
    public required NodeKind Kind { get; init; }

    /// <summary>The coordinator that it is attached to.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>Hex SHA-256 of the bound key's SPKI; null before one is bound.</summary>
    public string? Key { get; init; }

    /// <summary>Whether an operator or the policy approved this key for this kind and coordinator.</summary>
    public bool Approved { get; init; }

    /// <summary>Who stopped it.</summary>
    public NodePause Pause { get; init; }

    /// <summary>An operator's no.</summary>
    public NodeVerdict Verdict { get; init; }

    /// <summary>Whether there ever was a no: then no policy approves it again.</summary>
    public bool EverRefused { get; init; }

    /// <summary>Whether its owner took it out; the id stays the owner's.</summary>
    public bool Deleted { get; init; }

    /// <summary>Its state.</summary>
    public NodeStatus Status => this switch
    {
        { Verdict: NodeVerdict.Rejected } => NodeStatus.Rejected,
        { Verdict: NodeVerdict.Revoked } => NodeStatus.Revoked,
        { Key: null } => NodeStatus.AwaitingKey,
        { Pause: not NodePause.None } => NodeStatus.Suspended,
        { Approved: true } => NodeStatus.Approved,
        _ => NodeStatus.Pending,
    };

    /// <summary>Whether it may work: approved, its owner's address confirmed, and neither stopped nor refused.</summary>
    public bool IsActive(bool emailVerified) => emailVerified && !Deleted && Status == NodeStatus.Approved;

    /// <summary>Why it may not work; null when it may. A refusal outweighs what is only missing.</summary>
    public string? Blocked(bool emailVerified, bool tokenExpired) => Status switch
    {
        NodeStatus.Rejected => "node_rejected",
        NodeStatus.Revoked => "node_revoked",
        _ when !emailVerified => "email_unverified",
        NodeStatus.Suspended => "node_suspended",
        NodeStatus.Pending => "node_pending_coordinator_approval",
        NodeStatus.AwaitingKey => tokenExpired ? "registration_token_expired" : "node_inactive",
        _ => null,
    };

    /// <summary>
    /// Enrolled again by its owner: approval stays while kind, coordinator and key stay. Throws 409 <c>node_rejected</c>, <c>node_revoked</c>: enrolling lifts no refusal.
    /// </summary>
    public NodeState EnrolAgain(NodeKind kind, string coordinatorId) => Verdict switch
    {
        NodeVerdict.Rejected => throw new Refusal(409, "node_rejected", "An operator rejected this node. Only an operator's approval lifts that."),
        NodeVerdict.Revoked => throw new Refusal(409, "node_revoked", "An operator revoked this node. Only an operator's approval lifts that."),
        _ => this with { Kind = kind, CoordinatorId = coordinatorId, Deleted = false, Approved = Approved && kind == Kind && coordinatorId == CoordinatorId },
    };

    /// <summary>A key proven by its signature is bound. Another key than before waits for approval again, unless the policy approves agents and nobody ever refused this one.</summary>
    public NodeState Bind(string key, bool policyApproves) =>
        key == Key ? this : this with { Key = key, Approved = policyApproves && Kind == NodeKind.Agent && !EverRefused && Verdict == NodeVerdict.None };

    /// <summary>Approved by an operator, also after a refusal. Throws 409 <c>node_awaiting_key</c>: what has no key cannot be judged.</summary>
    public NodeState Approve() => Key is null
        ? throw new Refusal(409, "node_awaiting_key", "This node has not shown a key yet. Its owner starts it with the join code first.")
        : this with { Approved = true, Verdict = NodeVerdict.None };

    /// <summary>Refused by an operator: revoked when it was approved, else rejected.</summary>
    public NodeState Refuse() => Verdict != NodeVerdict.None ? this : this with { Verdict = Approved ? NodeVerdict.Revoked : NodeVerdict.Rejected, Approved = false, EverRefused = true };

    /// <summary>Stopped by an operator.</summary>
    public NodeState Suspend() => this with { Pause = NodePause.Operator };

    /// <summary>Started again by an operator; what was not approved stays so.</summary>
    public NodeState Release() => this with { Pause = NodePause.None };

    /// <summary>Stopped by its owner. Throws 409 <c>node_not_approved</c>.</summary>
    public NodeState PauseByOwner() => Status switch
    {
        NodeStatus.Suspended => this,
        NodeStatus.Approved => this with { Pause = NodePause.Owner },
        _ => throw new Refusal(409, "node_not_approved", "Only a node that works can be paused."),
    };

    /// <summary>Started again by its owner. Throws 409 <c>node_suspended</c> where an operator stopped it.</summary>
    public NodeState ResumeByOwner() => Pause == NodePause.Operator
        ? throw new Refusal(409, "node_suspended", "An operator suspended this node. Only an operator resumes it.")
        : this with { Pause = NodePause.None };

    /// <summary>Taken out by its owner or an administrator: key and approval are gone; a refusal and an operator's stop stay.</summary>
    public NodeState Delete() => this with { Deleted = true, Key = null, Approved = false, Pause = Pause == NodePause.Operator ? NodePause.Operator : NodePause.None };
}

using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Nodes;

/// <summary>A node that was just enrolled, or given a new token. Not a record: nothing prints it, because it holds the token, which is shown this once.</summary>
/// <param name="row">The node.</param>
/// <param name="emailVerified">Whether its owner's address is confirmed.</param>
/// <param name="token">The token.</param>
/// <param name="joinCode">Address, id and token in one text.</param>
internal sealed class EnrolledNode(NodeRow row, bool emailVerified, string token, string joinCode)
{
    /// <summary>The node.</summary>
    public NodeRow Row { get; } = row;

    /// <summary>Whether its owner's address is confirmed.</summary>
    public bool EmailVerified { get; } = emailVerified;

    /// <summary>The token.</summary>
    public string Token { get; } = token;

    /// <summary>Address, id and token in one text.</summary>
    public string JoinCode { get; } = joinCode;
}

/// <summary>What people do with their own nodes, and operators with all (portal-and-control-plane 9.2, 12).</summary>
/// <param name="writer">Writes.</param>
/// <param name="settings">Times and the coordinator's address.</param>
/// <param name="time">Clock.</param>
internal sealed class NodeDesk(IStoreWriter writer, PortalSettings settings, TimeProvider time)
{
    /// <summary>
    /// Enrols a node, or the same owner's again, with a new token that voids the old one. An exact device of the same owner gives its node. Throws 409
    /// <c>node_owned_by_other_user</c>, <c>device_owned_by_other_user</c>, <c>node_rejected</c>, <c>node_revoked</c>; 503 <c>coordinator_not_configured</c>.
    /// </summary>
    public async Task<EnrolledNode> EnrolAsync(SignedIn person, string nodeId, NodeKind kind, string? deviceId, CancellationToken cancellationToken)
    {
        var (address, now, by, token) = (Address(), Now(), AuditSource.Of(person), RegistrationTokens.New());
        var row = await writer.WriteAsync(batch => Enrol(batch, person.AccountId, nodeId, kind, deviceId, token, by, now), cancellationToken).ConfigureAwait(false);
        return new(row, person.EmailVerified, token, RegistrationTokens.JoinCode(address, row.NodeId, token));
    }

    /// <summary>Gives an own node a new token, which voids the old one. Throws 404 <c>node_not_found</c>, 409 as enrolling.</summary>
    public async Task<EnrolledNode> RotateAsync(SignedIn person, string nodeId, CancellationToken cancellationToken)
    {
        var (address, now, by, token) = (Address(), Now(), AuditSource.Of(person), RegistrationTokens.New());
        var row = await writer.WriteAsync(
            batch => Own(batch, person, nodeId) is var own ? NodeStore.Change(batch, own, WithToken(own.With(own.State.EnrolAgain(own.Kind, own.CoordinatorId), now), token, now), by, "node.token_rotated", now) : own, cancellationToken)
            .ConfigureAwait(false);
        return new(row, person.EmailVerified, token, RegistrationTokens.JoinCode(address, row.NodeId, token));
    }

    /// <summary>Stops an own node. Throws 404 <c>node_not_found</c>, 409 <c>node_not_approved</c>.</summary>
    public Task<NodeRow> PauseAsync(SignedIn person, string nodeId, CancellationToken cancellationToken) => ByOwnerAsync(person, nodeId, "node.paused", state => state.PauseByOwner(), cancellationToken);

    /// <summary>Starts an own node again. Throws 404 <c>node_not_found</c>, 409 <c>node_suspended</c>.</summary>
    public Task<NodeRow> ResumeAsync(SignedIn person, string nodeId, CancellationToken cancellationToken) => ByOwnerAsync(person, nodeId, "node.resumed", state => state.ResumeByOwner(), cancellationToken);

    /// <summary>Takes a node out: its owner or a system-admin. Throws 404 <c>node_not_found</c>, 403 <c>node_delete_forbidden</c>.</summary>
    public Task DeleteAsync(SignedIn person, string nodeId, CancellationToken cancellationToken)
    {
        var (now, by) = (Now(), AuditSource.Of(person));
        return writer.WriteAsync(
            batch =>
            {
                var row = NodeStore.Find(batch, nodeId) is { DeletedAtMs: null } found ? found : throw NodeStore.Absent();
                if (row.OwnerId != person.AccountId && !person.Roles.IsSystemAdmin)
                {
                    throw new Refusal(403, "node_delete_forbidden", "Only the owner of this node or a system administrator deletes it.");
                }

                return NodeStore.Change(batch, row, row.With(row.State.Delete(), now) with { TokenSha256 = null, TokenExpiresAtMs = null, TokenUsedAtMs = null, DeviceId = null, Rewards = RewardLink.None }, by, "node.deleted", now);
            },
            cancellationToken);
    }

    /// <summary>Approves or refuses a node. Throws 404 <c>node_not_found</c>, 409 <c>node_awaiting_key</c>.</summary>
    public Task<NodeRow> DecideAsync(AuditSource by, string nodeId, NodeKind? kind, bool approved, string? reason, CancellationToken cancellationToken) =>
        ByOperatorAsync(by, nodeId, kind, approved ? "node.approved" : "node.refused", state => approved ? state.Approve() : state.Refuse(), reason, cancellationToken);

    /// <summary>Suspends a node, or lifts that. Throws 404 <c>node_not_found</c>.</summary>
    public Task<NodeRow> SuspendAsync(AuditSource by, string nodeId, bool suspended, string? reason, CancellationToken cancellationToken) =>
        ByOperatorAsync(by, nodeId, null, suspended ? "node.suspended" : "node.released", state => suspended ? state.Suspend() : state.Release(), reason, cancellationToken);

    private Task<NodeRow> ByOwnerAsync(SignedIn person, string nodeId, string action, Func<NodeState, NodeState> step, CancellationToken cancellationToken)
    {
        var (now, by) = (Now(), AuditSource.Of(person));
        return writer.WriteAsync(batch => Own(batch, person, nodeId) is var row ? NodeStore.Change(batch, row, row.With(step(row.State), now), by, action, now) : row, cancellationToken);
    }

    private Task<NodeRow> ByOperatorAsync(AuditSource by, string nodeId, NodeKind? kind, string action, Func<NodeState, NodeState> step, string? reason, CancellationToken cancellationToken)
    {
        var now = Now();
        return writer.WriteAsync(
            batch =>
            {
                if (NodeStore.Find(batch, nodeId) is not { DeletedAtMs: null } row || (kind is not null && row.Kind != kind))
                {
                    throw NodeStore.Absent();
                }

                // The same decision again is none: who decided, and why, stays.
                var state = step(row.State);
                return state == row.State ? row : NodeStore.Change(batch, row, row.With(state, now) with { DecidedBy = by.Actor, DecidedAtMs = now, Reason = reason }, by, action, now, reason);
            },
            cancellationToken);
    }

    private NodeRow Enrol(IStoreBatch batch, string ownerId, string nodeId, NodeKind kind, string? deviceId, string token, AuditSource by, long now)
    {
        if (deviceId is not null && NodeStore.OfDevice(batch, deviceId, kind) is { } device)
        {
            if (device.OwnerId != ownerId)
            {
                throw new Refusal(409, "device_owned_by_other_user", "This device belongs to another account. Its owner takes the node out first.");
            }

            nodeId = device.NodeId;
        }

        var known = NodeStore.Find(batch, nodeId);
        if (known is not null && known.OwnerId != ownerId)
        {
            throw new Refusal(409, "node_owned_by_other_user", "This node id belongs to another account. Choose another id.");
        }

        if (known is not null)
        {
            return NodeStore.Change(batch, known, WithToken(known.With(known.State.EnrolAgain(kind, NodeStore.Home), now) with { DeviceId = deviceId ?? known.DeviceId }, token, now), by, "node.enrolled_again", now);
        }

        var row = WithToken(
            new NodeRow
            {
                NodeId = nodeId, OwnerId = ownerId, Kind = kind, CoordinatorId = NodeStore.Home, DeviceId = deviceId, Status = NodeStatus.AwaitingKey, Approved = 0, Pause = NodePause.None, Verdict = NodeVerdict.None,
                EverRefused = 0, Rewards = RewardLink.None, CreatedAtMs = now, UpdatedAtMs = now,
            },
            token,
            now);
        NodeStore.Add(batch, row, by, now);
        if (batch.TryInsert(new RoleGrantRow { AccountId = ownerId, Role = RoleNames.NodeContributor, Scope = "", GrantedBy = "policy:enrolment", GrantedAtMs = now }))
        {
            AuditLog.Append(batch, AuditSource.OfPolicy("enrolment"), "role.granted", "user:" + ownerId, now, after: new() { ["role"] = RoleNames.NodeContributor });
        }

        return row;
    }

    private static NodeRow Own(IStoreBatch batch, SignedIn person, string nodeId) =>
        NodeStore.Find(batch, nodeId) is { DeletedAtMs: null } row && row.OwnerId == person.AccountId ? row : throw NodeStore.Absent();

    private NodeRow WithToken(NodeRow row, string token, long now) =>
        row with { TokenSha256 = SecretDigest.Hex(token), TokenExpiresAtMs = now + (long)settings.Nodes.TokenTime.TotalMilliseconds, TokenUsedAtMs = null };

    private Uri Address() => settings.Edges.CoordinatorUrl ?? throw new Refusal(503, "coordinator_not_configured", "This portal has no coordinator, so a node could join nothing. Its operator sets COORDINATOR_URL.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

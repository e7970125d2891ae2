using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;

namespace EdgeCoder.Portal.Nodes;

/// <summary>What a coordinator asks about a node whose key it has proven.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Kind">What it says it is; null: a word that is none.</param>
/// <param name="Token">Registration token; null without one.</param>
/// <param name="KeySha256">Hex SHA-256 of the key's SPKI.</param>
/// <param name="SourceIp">Whence it came.</param>
internal sealed record BindingRequest(string NodeId, NodeKind? Kind, string? Token, string KeySha256, string? SourceIp);

/// <summary>The answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Reason"><c>ok</c>, or why not.</param>
/// <param name="Row">The node; null where nothing is told of it.</param>
/// <param name="EmailVerified">Whether its owner's address is confirmed.</param>
internal sealed record BindingVerdict(int Status, string Reason, NodeRow? Row = null, bool EmailVerified = false);

/// <summary>
/// Binds keys to nodes (portal-and-control-plane 9.3): 1. the node is enrolled, with this kind; 2. nobody refused it; 3. without a token the key is the bound one; 4. with one, the token is this
/// node's, unused, or used by this very key, and in time; 5. it is used up and the key bound, in one transaction.
/// </summary>
/// <param name="writer">Writes.</param>
/// <param name="settings">The policy.</param>
/// <param name="time">Clock.</param>
internal sealed class KeyBinding(IStoreWriter writer, PortalSettings settings, TimeProvider time)
{
    /// <summary>Judges, and binds where it may.</summary>
    public Task<BindingVerdict> ValidateAsync(BindingRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(batch => Validate(batch, request, now), cancellationToken);
    }

    private BindingVerdict Validate(IStoreBatch batch, BindingRequest request, long now)
    {
        // 1
        if (NodeStore.Find(batch, request.NodeId) is not { DeletedAtMs: null } row)
        {
            return new(404, "node_not_enrolled");
        }

        if (row.Kind != request.Kind)
        {
            return new(403, "node_kind_mismatch");
        }

        // 2
        var verified = NodeStore.IsVerified(batch, row.OwnerId);
        if (row.Verdict != NodeVerdict.None)
        {
            return Answer(row, verified, now);
        }

        // 3
        if (request.Token is null)
        {
            return row.KeySha256 is null ? new(403, "registration_token_required") : row.KeySha256 == request.KeySha256 ? Answer(Seen(batch, row, request, now), verified, now) : new(403, "node_key_mismatch");
        }

        // 4: the hash of one that ran out is taken out of the store after a while.
        if (row is { TokenSha256: null, TokenExpiresAtMs: not null, TokenUsedAtMs: null })
        {
            return new(403, "registration_token_expired");
        }

        if (!RegistrationTokens.Is(request.Token, row.TokenSha256))
        {
            return new(403, "registration_token_invalid");
        }

        if (row.TokenUsedAtMs is not null)
        {
            return row.KeySha256 == request.KeySha256 ? Answer(Seen(batch, row, request, now), verified, now) : new(403, "registration_token_used");
        }

        if (row.TokenExpired(now))
        {
            return new(403, "registration_token_expired");
        }

        // 5
        return Answer(Bind(batch, row, request, verified, now), verified, now);
    }

    private NodeRow Bind(IStoreBatch batch, NodeRow row, BindingRequest request, bool verified, long now)
    {
        var bound = row.State.Bind(request.KeySha256, policyApproves: false);
        var after = NodeStore.Change(
            batch, row, row.With(bound, now) with { TokenUsedAtMs = now, SourceIp = request.SourceIp, LastSeenMs = now, Rewards = row.Rewards == RewardLink.Linked ? RewardLink.Linked : RewardLink.Asked }, AuditSource.OfService("coordinator"), "node.key_bound", now);
        if (after.Kind == NodeKind.Agent && after.Rewards == RewardLink.Asked)
        {
            NodeStore.Queue(batch, after, NodeMessageKind.LinkRewards, now);
        }

        var approved = row.State.Bind(request.KeySha256, settings.Nodes.ApprovesVerifiedOwners && verified);
        var policy = AuditSource.OfPolicy("auto-approve");
        return approved == bound ? after : NodeStore.Change(batch, after, after.With(approved, now) with { DecidedBy = policy.Actor, DecidedAtMs = now, Reason = null }, policy, "node.approved", now);
    }

    // A sighting is no change of a state: it has no line in the audit log.
    private static NodeRow Seen(IStoreBatch batch, NodeRow row, BindingRequest request, long now)
    {
        batch.Execute("UPDATE nodes SET last_seen_ms = $2, source_ip = $3 WHERE node_id = $1", row.NodeId, now, request.SourceIp ?? row.SourceIp);
        return row with { LastSeenMs = now, SourceIp = request.SourceIp ?? row.SourceIp };
    }

    private static BindingVerdict Answer(NodeRow row, bool verified, long now) => new(200, row.State.Blocked(verified, row.TokenExpired(now)) ?? "ok", row, verified);
}

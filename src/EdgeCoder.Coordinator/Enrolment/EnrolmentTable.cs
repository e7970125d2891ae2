using EdgeCoder.Agent.Workers;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>
/// The coordinator's own enrolments, for one without a portal: an operator makes a one-use token for a node (<c>edgecoder node enroll</c>), a registration
/// redeems it. Answers as the portal does.
/// </summary>
internal sealed class EnrolmentTable(IStoreWriter writer, CoordinatorIdentity identity, AgentOptions options, TimeProvider time)
{
    private const string Agent = "agent";

    /// <summary>
    /// Enrols a node, or makes a new token for one of the same owner; the old token is void. Approval and key stay as they are until the token is redeemed.
    /// Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, 409 <c>node_owned_by_other_user</c>, 409 <c>enrolment_by_portal</c>.
    /// </summary>
    public async Task<EnrolledNode> EnrollAsync(EnrollRequest request, string actor, CancellationToken cancellationToken)
    {
        if (options is { PortalUrl: not null, EnrolsBesidePortal: false })
        {
            throw new Refusal(409, "enrolment_by_portal", "Nodes of this coordinator are enrolled in the portal. Enrol it there.");
        }

        var nodeId = request.NodeId ?? $"node-{Guid.NewGuid():N}"[..17];
        var owner = request.OwnerAccountId ?? options.OperatorAccountId;
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(nodeId), "nodeId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(owner), "ownerAccountId", FieldRules.IdRule);
        FieldRules.Require(issues, request.Tenants is null || (request.Tenants.Count <= 64 && request.Tenants.All(ClientId.IsValid)), "tenants", "at most 64, each " + FieldRules.IdRule);
        FieldRules.ThrowIfAny(issues);

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var token = RegistrationToken.Make();
        var row = new EnrolmentRow
        {
            NodeId = nodeId,
            NodeKind = Agent,
            OwnerAccountId = owner,
            Tenants = string.Join('\n', request.Tenants ?? []),
            TokenSha256 = RegistrationToken.Hash(token),
            ExpiresAtMs = nowMs + options.RegistrationTokenTtlMs,
            CreatedBy = actor,
            CreatedAtMs = nowMs,
        };
        await writer.WriteAsync(batch => Store(batch, row), cancellationToken).ConfigureAwait(false);
        return new(nodeId, new JoinCode(identity.PublicUrl, nodeId, token).ToString(), token, row.ExpiresAtMs);
    }

    /// <summary>
    /// Redeems a token for a key, in the transaction that binds it. The same token and key again is allowed while that key is the one bound.
    /// </summary>
    /// <param name="batch">Transaction that binds the key.</param>
    /// <param name="nodeId">Node.</param>
    /// <param name="token">Token as received.</param>
    /// <param name="keySha256">Hex SHA-256 of the key's SPKI.</param>
    /// <param name="boundKeySha256">Key that is bound to the node now; null when none is.</param>
    /// <param name="nowMs">Now.</param>
    public static NodeValidation Redeem(IStoreBatch batch, string nodeId, string token, string keySha256, string? boundKeySha256, long nowMs)
    {
        if (Find(batch, nodeId) is not { } row)
        {
            return NodeValidation.Refused("node_not_enrolled");
        }

        if (row.NodeKind != Agent)
        {
            return NodeValidation.Refused("node_kind_mismatch");
        }

        if (!RegistrationToken.Matches(token, row.TokenSha256))
        {
            return NodeValidation.Refused("registration_token_invalid");
        }

        if (row.UsedByKeySha256 is { } usedBy)
        {
            // A key that has since been replaced stays void, whoever still has its token.
            return usedBy == keySha256 && boundKeySha256 == keySha256 ? Pending(row) : NodeValidation.Refused("registration_token_used");
        }

        if (row.ExpiresAtMs <= nowMs)
        {
            return NodeValidation.Refused("registration_token_expired");
        }

        batch.Execute("UPDATE enrolments SET used_by_key_sha256 = $2, used_at_ms = $3 WHERE node_id = $1", nodeId, keySha256, nowMs);
        return Pending(row);
    }

    /// <summary>Whether a token is the one that an operator made here for this node: then the table answers, else the portal where one is named.</summary>
    public static bool HasMade(IStoreBatch batch, string nodeId, string token) => Find(batch, nodeId) is { } row && RegistrationToken.Matches(token, row.TokenSha256);

    private static NodeValidation Pending(EnrolmentRow row) => new(true, false, "node_pending_coordinator_approval", row.OwnerAccountId, row.Tenants.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static bool Store(IStoreBatch batch, EnrolmentRow row)
    {
        var owner = batch.Query("SELECT owner_account_id FROM enrolments WHERE node_id = $1", r => r.Text(0), row.NodeId).FirstOrDefault()
            ?? batch.Query("SELECT owner_account_id FROM agents WHERE agent_id = $1", r => r.Text(0), row.NodeId).FirstOrDefault();
        if (owner is not null && owner != row.OwnerAccountId)
        {
            throw new Refusal(409, "node_owned_by_other_user", "This node id belongs to another account. Choose another id.");
        }

        batch.Execute("DELETE FROM enrolments WHERE node_id = $1", row.NodeId);
        batch.Insert(row);
        return true;
    }

    private static EnrolmentRow? Find(IStoreBatch batch, string nodeId) =>
        batch.Query(
            "SELECT node_kind, owner_account_id, tenants, token_sha256, expires_at_ms, used_by_key_sha256, used_at_ms, created_by, created_at_ms FROM enrolments WHERE node_id = $1",
            r => new EnrolmentRow
            {
                NodeId = nodeId,
                NodeKind = r.Text(0),
                OwnerAccountId = r.Text(1),
                Tenants = r.Text(2),
                TokenSha256 = r.Text(3),
                ExpiresAtMs = r.Number(4),
                UsedByKeySha256 = r.TextOrNull(5),
                UsedAtMs = r.NumberOrNull(6),
                CreatedBy = r.Text(7),
                CreatedAtMs = r.Number(8),
            },
            nodeId).FirstOrDefault();
}

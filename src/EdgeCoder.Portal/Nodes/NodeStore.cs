using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Nodes;

/// <summary>A node with what of its owner decides.</summary>
/// <param name="Row">The node.</param>
/// <param name="EmailVerified">Whether its owner's address is confirmed.</param>
/// <param name="OwnerEmail">Its owner's address.</param>
internal sealed record OwnedNode(NodeRow Row, bool EmailVerified, string OwnerEmail)
{
    /// <summary>Whether it may work.</summary>
    public bool Active => Row.State.IsActive(EmailVerified);

    /// <summary>Why not.</summary>
    public string? Blocked(long nowMs) => Row.State.Blocked(EmailVerified, Row.TokenExpired(nowMs));
}

/// <summary>Nodes in the store. Every change of a state goes through <see cref="Change"/>: the row, the line of the audit log and the message to the coordinator are there together or not at all.</summary>
/// <param name="contexts">Reads.</param>
internal sealed class NodeStore(IDbContextFactory<PortalContext> contexts)
{
    /// <summary>The portal's own coordinator, as rows and answers call it.</summary>
    public const string Home = "home";

    private const string Columns =
        """
        SELECT node_id, owner_id, kind, coordinator_id, device_id, status, approved, pause, verdict, ever_refused, key_sha256, seen_key_sha256, token_sha256, token_expires_at_ms, token_used_at_ms, deleted_at_ms,
            decided_by, decided_at_ms, reason, rewards, source_ip, last_seen_ms, created_at_ms, updated_at_ms
        FROM nodes
        """;

    /// <summary>Checks an id. Throws 400 <c>invalid_id</c>.</summary>
    public static string Id(string? text) => ClientId.IsValid(text) ? text! : throw new Refusal(400, "invalid_id", "The id of a node has 3 to 128 of A-Z a-z 0-9 . _ : - and begins with a letter or digit.");

    /// <summary>404 <c>node_not_found</c>.</summary>
    public static Refusal Absent() => new(404, "node_not_found", "There is no such node. The list of nodes has the ids.");

    /// <summary>A node, also one that is taken out; null when there never was one.</summary>
    public static NodeRow? Find(IStoreBatch batch, string nodeId) => batch.Query(Columns + " WHERE node_id = $1", Read, nodeId) is [var row] ? row : null;

    /// <summary>A node of this owner and device that is not taken out, whoever's it is.</summary>
    public static NodeRow? OfDevice(IStoreBatch batch, string deviceId, NodeKind kind) =>
        batch.Query(Columns + " WHERE device_id = $1 AND kind = $2 AND deleted_at_ms IS NULL ORDER BY node_id", Read, deviceId, EnumText.Of(kind)).FirstOrDefault();

    /// <summary>Whether an account's address is confirmed.</summary>
    public static bool IsVerified(IStoreBatch batch, string accountId) =>
        batch.Query("SELECT email_verified_at_ms FROM accounts WHERE id = $1", row => row.NumberOrNull(0), accountId) is [not null];

    /// <summary>
    /// Stores another state of a node with its line of the audit log, and queues the message to its coordinator. A change that changes nothing writes nothing.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="before">The row as it is.</param>
    /// <param name="after">The row as it is to be, with its state already taken over.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="action">As <c>node.approved</c>.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="reason">Why.</param>
    public static NodeRow Change(IStoreBatch batch, NodeRow before, NodeRow after, AuditSource by, string action, long nowMs, string? reason = null)
    {
        if (after with { UpdatedAtMs = before.UpdatedAtMs } == before)
        {
            return before;
        }

        Save(batch, after);
        AuditLog.Append(batch, by, action, "node:" + after.NodeId, nowMs, Facts(before), Facts(after), reason, "user:" + after.OwnerId);
        if (before.KeySha256 is not null || after.KeySha256 is not null)
        {
            Queue(batch, after, NodeMessageKind.Notify, nowMs);
        }

        return after;
    }

    /// <summary>Adds a node, with its line of the audit log.</summary>
    public static void Add(IStoreBatch batch, NodeRow row, AuditSource by, long nowMs)
    {
        batch.Insert(row);
        AuditLog.Append(batch, by, "node.enrolled", "node:" + row.NodeId, nowMs, after: Facts(row), about: "user:" + row.OwnerId);
    }

    /// <summary>Queues a message to the coordinator of a node.</summary>
    public static void Queue(IStoreBatch batch, NodeRow row, NodeMessageKind kind, long nowMs) =>
        batch.Insert(new NodeMessageRow { Id = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)).ToString(), NodeId = row.NodeId, OwnerId = row.OwnerId, Kind = kind, Attempts = 0, NextAttemptMs = nowMs });

    /// <summary>Own nodes of a person, newest first.</summary>
    public async Task<List<OwnedNode>> OfOwnerAsync(string ownerId, CancellationToken cancellationToken) =>
        await ListAsync(rows => rows.Where(row => row.OwnerId == ownerId && row.DeletedAtMs == null).OrderByDescending(row => row.CreatedAtMs).ThenBy(row => row.NodeId), cancellationToken).ConfigureAwait(false);

    /// <summary>Nodes in some states, newest change first.</summary>
    public async Task<List<OwnedNode>> InStatesAsync(NodeStatus[] states, NodeKind? kind, int most, CancellationToken cancellationToken) => await ListAsync(
        rows => rows.Where(row => row.DeletedAtMs == null && states.Contains(row.Status) && (kind == null || row.Kind == kind)).OrderByDescending(row => row.UpdatedAtMs).ThenBy(row => row.NodeId).Take(most), cancellationToken)
        .ConfigureAwait(false);

    /// <summary>Nodes with some ids; those that are not there, or are taken out, are left out.</summary>
    public async Task<List<OwnedNode>> WithIdsAsync(IReadOnlyList<string> nodeIds, CancellationToken cancellationToken) =>
        await ListAsync(rows => rows.Where(row => row.DeletedAtMs == null && nodeIds.Contains(row.NodeId)).OrderBy(row => row.NodeId), cancellationToken).ConfigureAwait(false);

    private async Task<List<OwnedNode>> ListAsync(Func<IQueryable<NodeRow>, IQueryable<NodeRow>> choose, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await choose(context.Set<NodeRow>().AsNoTracking()).ToListAsync(cancellationToken).ConfigureAwait(false);
        var owners = rows.Select(row => row.OwnerId).Distinct().ToList();
        var accounts = await context.Set<AccountRow>().Where(account => owners.Contains(account.Id)).Select(account => new { account.Id, account.Email, Verified = account.EmailVerifiedAtMs != null })
            .ToDictionaryAsync(account => account.Id, cancellationToken).ConfigureAwait(false);
        return [.. rows.Where(row => accounts.ContainsKey(row.OwnerId)).Select(row => new OwnedNode(row, accounts[row.OwnerId].Verified, accounts[row.OwnerId].Email))];
    }

    private static void Save(IStoreBatch batch, NodeRow row) => batch.Execute(
        """
        UPDATE nodes SET kind = $2, coordinator_id = $3, device_id = $4, status = $5, approved = $6, pause = $7, verdict = $8, ever_refused = $9, key_sha256 = $10, seen_key_sha256 = $11, token_sha256 = $12,
            token_expires_at_ms = $13, token_used_at_ms = $14, deleted_at_ms = $15, decided_by = $16, decided_at_ms = $17, reason = $18, rewards = $19, source_ip = $20, last_seen_ms = $21, updated_at_ms = $22
        WHERE node_id = $1
        """,
        row.NodeId, EnumText.Of(row.Kind), row.CoordinatorId, row.DeviceId, EnumText.Of(row.Status), row.Approved, EnumText.Of(row.Pause), EnumText.Of(row.Verdict), row.EverRefused, row.KeySha256, row.SeenKeySha256,
        row.TokenSha256, row.TokenExpiresAtMs, row.TokenUsedAtMs, row.DeletedAtMs, row.DecidedBy, row.DecidedAtMs, row.Reason, EnumText.Of(row.Rewards), row.SourceIp, row.LastSeenMs, row.UpdatedAtMs);

    // Ids and codes; a key is named by the hash that operators compare, a token not at all.
    private static JsonObject Facts(NodeRow row) => new()
    {
        ["status"] = row.DeletedAtMs is null ? EnumText.Of(row.Status) : "deleted",
        ["kind"] = EnumText.Of(row.Kind),
        ["coordinatorId"] = row.CoordinatorId,
        ["keySha256"] = row.KeySha256,
    };

    private static NodeRow Read(StoreRow row) => new()
    {
        NodeId = row.Text(0),
        OwnerId = row.Text(1),
        Kind = row.Enum<NodeKind>(2),
        CoordinatorId = row.Text(3),
        DeviceId = row.TextOrNull(4),
        Status = row.Enum<NodeStatus>(5),
        Approved = row.Number(6),
        Pause = row.Enum<NodePause>(7),
        Verdict = row.Enum<NodeVerdict>(8),
        EverRefused = row.Number(9),
        KeySha256 = row.TextOrNull(10),
        SeenKeySha256 = row.TextOrNull(11),
        TokenSha256 = row.TextOrNull(12),
        TokenExpiresAtMs = row.NumberOrNull(13),
        TokenUsedAtMs = row.NumberOrNull(14),
        DeletedAtMs = row.NumberOrNull(15),
        DecidedBy = row.TextOrNull(16),
        DecidedAtMs = row.NumberOrNull(17),
        Reason = row.TextOrNull(18),
        Rewards = row.Enum<RewardLink>(19),
        SourceIp = row.TextOrNull(20),
        LastSeenMs = row.NumberOrNull(21),
        CreatedAtMs = row.Number(22),
        UpdatedAtMs = row.Number(23),
    };
}

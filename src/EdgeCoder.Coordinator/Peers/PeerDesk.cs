using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>What operators do about peers (coordinator-and-mesh 9.1). Approval pins id and key; nobody else's word admits a peer or changes its key.</summary>
internal sealed class PeerDesk(PeerDirectory directory, IStoreWriter writer, CoordinatorIdentity identity, PeerOptions options, TimeProvider time)
{
    private const int MostReason = 200;

    /// <summary>
    /// Approves a peer, or gives an approved one another address. The same again changes nothing. Throws 409 <c>peer_key_mismatch</c> for another key, 403 <c>network_mode_mismatch</c>,
    /// 400 <c>peer_url_not_allowed</c>, <c>validation_failed</c>.
    /// </summary>
    public async Task<PeerOperated> ApproveAsync(PeerApproval asked, string operatorId, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        VerifyingKey? key = null;
        FieldRules.Require(issues, asked.PeerId is { } id && ClientId.IsValid(id) && id != identity.PeerId, "peerId", "the id of another coordinator, as its GET /identity says it");
        FieldRules.Require(issues, VerifyingKey.TryParse(asked.PublicKeyPem, out key), "publicKeyPem", "an Ed25519 public key as SPKI PEM, as its GET /identity says it");
        FieldRules.ThrowIfAny(issues);
        var url = UrlOf(asked.CoordinatorUrl);
        if ((asked.NetworkMode ?? options.NetworkMode) != options.NetworkMode)
        {
            throw new Refusal(403, "network_mode_mismatch", $"This coordinator is of the network {options.NetworkMode}. Peers are of the same.");
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var status = await writer.WriteAsync(batch => Approve(batch, asked.PeerId!, key!, url, asked.ReplacesKeyId, operatorId, nowMs), cancellationToken).ConfigureAwait(false);
        return new(true, asked.PeerId!, status, null);
    }

    /// <summary>Stops a peer: it is asked nothing and answered nothing. Throws 404 <c>peer_unknown</c>.</summary>
    public Task<PeerOperated> SuspendAsync(string peerId, PeerSuspension asked, string operatorId, CancellationToken cancellationToken) =>
        FieldRules.Length(asked.Reason?.Trim(), 1, MostReason)
            ? SetAsync(peerId, PeerStatus.Suspended, asked.Reason!.Trim(), operatorId, cancellationToken)
            : throw Refusal.Invalid([new("reason", "1 to 200 characters that say why")]);

    /// <summary>Lets a suspended peer go on. Throws 404 <c>peer_unknown</c>.</summary>
    public Task<PeerOperated> ResumeAsync(string peerId, string operatorId, CancellationToken cancellationToken) => SetAsync(peerId, PeerStatus.Active, null, operatorId, cancellationToken);

    /// <summary>Every peer with the key that it signs with now.</summary>
    public async Task<PeerList> ListAsync(CancellationToken cancellationToken)
    {
        var views = new List<PeerView>();
        foreach (var row in await directory.AllAsync(cancellationToken).ConfigureAwait(false))
        {
            var key = directory.Current(await directory.KeysAsync(row.PeerId, cancellationToken).ConfigureAwait(false));
            var statements = await directory.StatementsAsync(row.PeerId, cancellationToken).ConfigureAwait(false);
            views.Add(new(row.PeerId, key?.Pem ?? "", row.CoordinatorUrl, row.NetworkMode, row.Status, statements.Count > 0 ? statements : null));
        }

        return new(views);
    }

    private PeerStatus Approve(IStoreBatch batch, string peerId, VerifyingKey key, string url, string? replaces, string operatorId, long nowMs)
    {
        var known = batch.Query("SELECT status FROM peers WHERE peer_id = $1", row => EnumText.Parse<PeerStatus>(row.Text(0)), peerId);
        if (known is [])
        {
            batch.Insert(new PeerRow { PeerId = peerId, CoordinatorUrl = url, NetworkMode = options.NetworkMode, Status = PeerStatus.Active, ApprovedBy = operatorId, ApprovedAtMs = nowMs });
            batch.Insert(new PeerKeyRow { PeerId = peerId, KeyId = key.KeyId, PublicKeyPem = key.Pem, FromMs = 0 });
            NodeEvents.PeerApproval(batch, peerId, operatorId, true, "approved", nowMs);
            return PeerStatus.Active;
        }

        var newest = batch.Query("SELECT key_id FROM peer_keys WHERE peer_id = $1 AND until_ms IS NULL ORDER BY from_ms DESC LIMIT 1", row => row.Text(0), peerId)[0];
        if (newest != key.KeyId)
        {
            if (replaces != newest || !batch.TryInsert(new PeerKeyRow { PeerId = peerId, KeyId = key.KeyId, PublicKeyPem = key.Pem, FromMs = nowMs }))
            {
                throw new Refusal(
                    409, "peer_key_mismatch", $"This peer is pinned with the key {newest}. A key changes by the peer's own rotation statement. If the peer has lost its key, compare the new one on another way and name the old one in replacesKeyId.");
            }

            batch.Execute("UPDATE peer_keys SET until_ms = $1 WHERE peer_id = $2 AND key_id <> $3 AND (until_ms IS NULL OR until_ms > $1)", nowMs, peerId, key.KeyId);
            NodeEvents.PeerApproval(batch, peerId, operatorId, true, "key_replaced", nowMs);
        }

        batch.Execute("UPDATE peers SET coordinator_url = $1 WHERE peer_id = $2 AND coordinator_url <> $1", url, peerId);
        return known[0];
    }

    private async Task<PeerOperated> SetAsync(string peerId, PeerStatus status, string? reason, string operatorId, CancellationToken cancellationToken)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT status FROM peers WHERE peer_id = $1", row => row.Text(0), peerId) is not [var before])
                {
                    throw new Refusal(404, "peer_unknown", "No such peer is approved here.");
                }

                if (before != EnumText.Of(status))
                {
                    batch.Execute("UPDATE peers SET status = $1, reason = $2 WHERE peer_id = $3", EnumText.Of(status), reason, peerId);
                    NodeEvents.PeerApproval(batch, peerId, operatorId, status == PeerStatus.Active, status == PeerStatus.Active ? "resumed" : "suspended", nowMs);
                }

                return new PeerOperated(true, peerId, status, reason);
            },
            cancellationToken).ConfigureAwait(false);
    }

    // In clear only within this machine.
    private static string UrlOf(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) && url is { AbsolutePath: "/", UserInfo: "", Query: "", Fragment: "" }
            ? url.GetLeftPart(UriPartial.Authority)
            : throw new Refusal(400, "peer_url_not_allowed", "coordinatorUrl is https, or http on this machine, at the root of its origin.");
}

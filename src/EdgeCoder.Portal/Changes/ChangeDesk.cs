using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Portal.Changes;

/// <summary>Change requests: proposed, decided, done once (portal-and-control-plane 10.1, K9).</summary>
internal sealed class ChangeDesk(IStoreWriter writer, IEnumerable<ChangeAction> actions, SessionStore sessions, StepUp stepUp, PortalSettings settings, TimeProvider time)
{
    /// <summary>The action that a passkey confirms: <c>{changeId, actionHash}</c>.</summary>
    public const string ApproveAction = "change.approve";

    /// <summary>How long a change waits.</summary>
    public static readonly TimeSpan Valid = TimeSpan.FromHours(24);

    private readonly Dictionary<string, ChangeAction> _actions = actions.ToDictionary(action => action.Name, StringComparer.Ordinal);

    /// <summary>Makes a request inside a transaction. Who proposes has confirmed it with a passkey: that is the first approval.</summary>
    public static ChangeRow Propose(IStoreBatch batch, AuditSource by, string action, JsonObject parameters, int required, string evidenceRef, long nowMs)
    {
        var (id, until) = (Guid.NewGuid().ToString(), nowMs + (long)Valid.TotalMilliseconds);
        var canonical = CanonicalJson.Write(new JsonObject
        {
            ["v"] = 1, ["action"] = action, ["actor"] = by.Actor, ["params"] = parameters.DeepClone(), ["changeId"] = id, ["proposedAtMs"] = nowMs, ["expiresAtMs"] = until,
        });
        var row = new ChangeRow
        {
            Id = id, Action = action, CanonicalAction = canonical, ActionHash = Hash(canonical), ProposedBy = by.Actor, ProposedAtMs = nowMs, ExpiresAtMs = until, Required = required, Status = ChangeStatus.Pending,
        };
        batch.Insert(row);
        batch.Insert(new ChangeApprovalRow { ChangeId = id, Actor = by.Actor, Method = "step-up", EvidenceRef = evidenceRef, AtMs = nowMs });
        AuditLog.Append(batch, by, "change.proposed", "change:" + id, nowMs, after: new() { ["action"] = action, ["actionHash"] = row.ActionHash }, changeId: id, evidenceRef: evidenceRef);
        return row;
    }

    /// <summary>
    /// Approves, with a passkey over this very hash, and does it when it was the last approval that was needed. 1. the request waits and its bytes are those of its hash; 2. who approves is another
    /// person with the right; 3. the approval is a row; 4. with enough of them the roles of everybody who approved are asked again, and the bytes are executed; 5. its status changes once.
    /// Throws 404 <c>change_not_found</c>, 403 <c>approver_is_proposer</c>, <c>approver_lacks_role</c>, 409 <c>change_not_pending</c>, <c>change_expired</c>. Gives how far it is, and the session's new key.
    /// </summary>
    public async Task<(ChangeStatus Status, string? Fault, string Key)> ApproveAsync(ActionRequest request, ChangeRow change)
    {
        var (person, by) = (request.Http.RequiredPerson(), AuditSource.Of(request.Http));
        Check(change, person, proposerToo: false);
        var proof = await stepUp.ProveAsync(request, ApproveAction, new() { ["changeId"] = change.Id, ["actionHash"] = change.ActionHash }).ConfigureAwait(false);
        var now = Now();
        return await writer.WriteAsync<(ChangeStatus, string?, string)>(
            batch =>
            {
                proof.Use(batch);

                // 1.
                var kept = Pending(batch, change.Id, now);
                if (kept.Hash != change.ActionHash || Hash(kept.Bytes) != kept.Hash)
                {
                    throw new Refusal(409, "change_altered", "This request is not what was proposed. Reject it, and look at the audit log.");
                }

                // 2.
                if (StoredPerson.Find(batch, person.AccountId, settings.Roles) is not { Enabled: true } approver || !Action(change).MayDecide(approver.Roles))
                {
                    throw LacksRole();
                }

                // 3.
                var key = sessions.Start(batch, person.AccountId, request.Visitor, now);
                if (!batch.TryInsert(new ChangeApprovalRow { ChangeId = change.Id, Actor = by.Actor, Method = "step-up", EvidenceRef = proof.EvidenceRef, AtMs = now }))
                {
                    throw IsProposer();
                }

                AuditLog.Append(batch, by, "change.approved", "change:" + change.Id, now, after: new() { ["actionHash"] = change.ActionHash }, changeId: change.Id, evidenceRef: proof.EvidenceRef);
                var approvers = batch.Query("SELECT actor FROM change_approvals WHERE change_id = $1", row => row.Text(0), change.Id);
                if (approvers.Count < kept.Required)
                {
                    return (ChangeStatus.Pending, null, key);
                }

                // 4. and 5.
                var fault = approvers.All(actor => MayStill(batch, actor, change)) ? Execute(batch, kept.Bytes, new(by, change.Id, proof.EvidenceRef, now)) : "approver_lacks_role";
                var status = fault is null ? ChangeStatus.Executed : ChangeStatus.Failed;
                End(batch, by, change.Id, status, fault, now);
                return (status, fault, key);
            },
            request.Cancelled).ConfigureAwait(false);
    }

    /// <summary>Rejects, for everybody who could approve. Throws as <see cref="ApproveAsync"/>.</summary>
    public Task<bool> RejectAsync(SignedIn person, ChangeRow change, string reason, CancellationToken cancellationToken)
    {
        Check(change, person, proposerToo: false);
        return EndAsync(person, change, ChangeStatus.Rejected, reason, cancellationToken);
    }

    /// <summary>Takes back, for who proposed it. Throws 403 <c>not_the_proposer</c>, 409.</summary>
    public Task<bool> WithdrawAsync(SignedIn person, ChangeRow change, CancellationToken cancellationToken)
    {
        Check(change, person, proposerToo: true);
        return change.ProposedBy == person.Actor
            ? EndAsync(person, change, ChangeStatus.Withdrawn, null, cancellationToken)
            : throw new Refusal(403, "not_the_proposer", "Only who proposed a change takes it back. You may reject it.");
    }

    /// <summary>Ends what nobody decided in time.</summary>
    public Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.OfPolicy("change-expiry"), Now());
        return writer.WriteAsync(
            batch =>
            {
                var late = batch.Query("SELECT id FROM changes WHERE status = 'pending' AND expires_at_ms <= $1", row => row.Text(0), now);
                foreach (var id in late)
                {
                    End(batch, by, id, ChangeStatus.Expired, null, now);
                }

                return late.Count;
            },
            cancellationToken);
    }

    /// <summary>Whether somebody may decide over a change.</summary>
    public bool MayDecide(ChangeRow change, PersonRoles roles) => Action(change).MayDecide(roles);

    /// <summary>What a change does, in words.</summary>
    public string Describe(ChangeRow change)
    {
        using var document = JsonDocument.Parse(change.CanonicalAction);
        return Action(change).Describe(document.RootElement.GetProperty("params"));
    }

    private void Check(ChangeRow change, SignedIn person, bool proposerToo)
    {
        if (!Action(change).MayDecide(person.Roles))
        {
            throw LacksRole();
        }

        if (change.Status != ChangeStatus.Pending || change.ExpiresAtMs <= Now())
        {
            throw Over(change.Status);
        }

        if (!proposerToo && change.ProposedBy == person.Actor)
        {
            throw IsProposer();
        }
    }

    private Task<bool> EndAsync(SignedIn person, ChangeRow change, ChangeStatus status, string? reason, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Of(person), Now());
        return writer.WriteAsync(
            batch =>
            {
                Pending(batch, change.Id, now);
                End(batch, by, change.Id, status, reason, now);
                return true;
            },
            cancellationToken);
    }

    private string? Execute(IStoreBatch batch, byte[] bytes, ChangeRun run)
    {
        using var document = JsonDocument.Parse(bytes);
        return _actions.TryGetValue(document.RootElement.GetProperty("action").GetString()!, out var action) ? action.Execute(batch, document.RootElement.GetProperty("params"), run) : "action_unknown";
    }

    private bool MayStill(IStoreBatch batch, string actor, ChangeRow change) =>
        StoredPerson.Find(batch, actor["user:".Length..], settings.Roles) is { Enabled: true } person && Action(change).MayDecide(person.Roles);

    private static (byte[] Bytes, string Hash, long Required) Pending(IStoreBatch batch, string id, long nowMs)
    {
        var found = batch.Query(
            "SELECT canonical_action, action_hash, required, status, expires_at_ms FROM changes WHERE id = $1",
            row => (Bytes: row.Bytes(0), Hash: row.Text(1), Required: row.Number(2), Status: row.Enum<ChangeStatus>(3), Until: row.Number(4)), id);
        return found is not [var change] ? throw Absent() : change.Status != ChangeStatus.Pending || change.Until <= nowMs ? throw Over(change.Status) : (change.Bytes, change.Hash, change.Required);
    }

    private static void End(IStoreBatch batch, AuditSource by, string id, ChangeStatus status, string? reason, long nowMs)
    {
        var word = EnumText.Of(status);
        if (batch.Execute("UPDATE changes SET status = $1, ended_at_ms = $2, ended_by = $3, reason = $4 WHERE id = $5 AND status = 'pending'", word, nowMs, by.Actor, reason, id) != 1)
        {
            throw NotPending();
        }

        AuditLog.Append(batch, by, "change." + word, "change:" + id, nowMs, reason: reason, changeId: id);
    }

    private ChangeAction Action(ChangeRow change) => _actions.TryGetValue(change.Action, out var action) ? action : throw new Refusal(409, "change_not_pending", "This program does not know that kind of change.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>404 <c>change_not_found</c>.</summary>
    public static Refusal Absent() => new(404, "change_not_found", "There is no such change.");

    private static Refusal LacksRole() => new(403, "approver_lacks_role", "Deciding this needs a role that you do not have.");

    private static Refusal IsProposer() => new(403, "approver_is_proposer", "You have approved this already by proposing it. Another person must decide.");

    private static Refusal NotPending() => new(409, "change_not_pending", "This change is decided already.");

    // Whether the hourly look has marked it yet makes no difference.
    private static Refusal Over(ChangeStatus status) => status is ChangeStatus.Pending or ChangeStatus.Expired ? Late() : NotPending();

    private static Refusal Late() => new(409, "change_expired", "Nobody decided this in time. Propose it again.");
}

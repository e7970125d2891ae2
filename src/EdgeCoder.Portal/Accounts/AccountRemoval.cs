using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;

namespace EdgeCoder.Portal.Accounts;

/// <summary>What another part of the portal does when an account is deleted, in the same transaction. Rows that hang on the account go by themselves.</summary>
/// <param name="Remove">Takes out, or revokes, what is of the account.</param>
internal sealed record RemovalPart(Action<IStoreBatch, AuditSource, string, long> Remove);

/// <summary>The end of an account (portal-and-control-plane 5.1, 5.4): seven days of grace with the way back in a mail, then everything of the person goes; audit rows stay under the id, which then names nobody.</summary>
internal sealed class AccountRemoval(IStoreWriter writer, IEnumerable<RemovalPart> parts, PortalSettings settings, PortalAddress address, TimeProvider time)
{
    /// <summary>The action that a passkey confirms: <c>{confirm}</c>.</summary>
    public const string Action = "account.delete";

    /// <summary>How long it can be undone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    private readonly List<RemovalPart> _parts = [.. parts];

    /// <summary>Begins it: nobody signs in any more. Throws 409 <c>last_admin</c>.</summary>
    public Task<long> BeginAsync(ActionRequest request, StepUpProof proof)
    {
        var (person, visitor, by, now) = (request.Http.RequiredPerson(), request.Visitor, AuditSource.Of(request.Http), time.GetUtcNow().ToUnixTimeMilliseconds());
        var until = now + (long)Grace.TotalMilliseconds;
        return writer.WriteAsync(
            batch =>
            {
                proof.Use(batch);
                Administrators.RequireAnother(batch, settings.Roles, person.AccountId);
                batch.Execute("UPDATE accounts SET delete_at_ms = $1 WHERE id = $2 AND delete_at_ms IS NULL", until, person.AccountId);
                AuditLog.Append(batch, by, "account.deletion_asked", person.Actor, now, evidenceRef: proof.EvidenceRef);
                SessionStore.EndAll(batch, by, person.AccountId, "", now);
                batch.Execute("DELETE FROM mail_tokens WHERE account_id = $1", person.AccountId);
                var undo = AccountStore.IssueToken(batch, MailTokenPurpose.UndoDelete, person.AccountId, until);
                MailQueue.Add(batch, MailText.AccountGoes(person.Email, address.Link("/auth/undo-delete?token=" + undo), Grace, visitor.Address), now);
                return until;
            },
            request.Cancelled);
    }

    /// <summary>Takes it back. Throws 400 <c>verification_token_invalid</c>.</summary>
    public Task<bool> UndoAsync(string token, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Link, time.GetUtcNow().ToUnixTimeMilliseconds());
        return writer.WriteAsync(
            batch =>
            {
                if (AccountStore.ConsumeToken(batch, MailTokenPurpose.UndoDelete, token, now) is not { Length: > 0 } id || batch.Execute("UPDATE accounts SET delete_at_ms = NULL WHERE id = $1 AND delete_at_ms > $2", id, now) != 1)
                {
                    throw new Refusal(400, "verification_token_invalid", "This link is used up or out of date.");
                }

                AuditLog.Append(batch, by.By(id), "account.deletion_undone", "user:" + id, now);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Deletes the accounts whose grace is over; gives how many.</summary>
    public Task<int> FinishAsync(CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.OfPolicy("account-deletion"), time.GetUtcNow().ToUnixTimeMilliseconds());
        return writer.WriteAsync(
            batch =>
            {
                var over = batch.Query("SELECT id, email FROM accounts WHERE delete_at_ms <= $1", row => (Id: row.Text(0), Email: row.Text(1)), now);
                foreach (var (id, email) in over)
                {
                    _parts.ForEach(part => part.Remove(batch, by, id, now));
                    batch.Execute("DELETE FROM outbox_mails WHERE recipient = $1", email);
                    batch.Execute("DELETE FROM challenges WHERE account_id = $1", id);
                    batch.Execute("DELETE FROM account_exports WHERE account_id = $1", id);
                    batch.Execute("DELETE FROM accounts WHERE id = $1", id);
                    AuditLog.Append(batch, by, "account.deleted", "user:" + id, now);
                }

                return over.Count;
            },
            cancellationToken);
    }
}

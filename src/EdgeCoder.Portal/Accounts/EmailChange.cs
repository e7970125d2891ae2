using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;

namespace EdgeCoder.Portal.Accounts;

/// <summary>
/// Another mail address (portal-and-control-plane 5.1): asked for with a passkey, done when the link that went to the new address is confirmed, and undone with the link that went to the old one, for 72 hours.
/// </summary>
internal sealed class EmailChange(IStoreWriter writer, SessionStore sessions, PortalSettings settings, PortalAddress address, TimeProvider time)
{
    /// <summary>The action that a passkey confirms: <c>{newEmail}</c>.</summary>
    public const string Action = "account.email";

    private static readonly TimeSpan UndoTime = TimeSpan.FromHours(72);

    /// <summary>
    /// Asks: 1. the confirmation is used and the session gets another key; 2. limits of mail; 3. a link to the new address, or a word to its owner where it has an account, which the answer does not tell;
    /// 4. a notice with the way back to the old one. Gives the new key.
    /// </summary>
    public Task<string> AskAsync(ActionRequest request, string newEmail, StepUpProof proof)
    {
        if (settings.Mail.Kind == MailTransportKind.None)
        {
            throw new Refusal(503, "mail_not_configured", "This portal cannot send mail yet. Its operator sets MAIL_TRANSPORT.");
        }

        var (person, visitor, by, now) = (request.Http.RequiredPerson(), request.Visitor, AuditSource.Of(request.Http), Now());
        return writer.WriteAsync(
            batch =>
            {
                // 1.
                proof.Use(batch);
                var key = sessions.Start(batch, person.AccountId, visitor, now);

                // 2.
                if (LimitCounter.Take(batch, now, (settings.Limits.MailAccount, newEmail), (settings.Limits.MailAccount, person.Email), (settings.Limits.MailAddress, visitor.Address)) is { } seconds)
                {
                    throw new Refusal(429, "rate_limited", "Too many mails were asked for. Wait, then try again.") { RetryAfter = seconds };
                }

                // 3.
                var taken = AccountStore.VerifiedId(batch, newEmail) is not null;
                if (taken && !settings.Uniform)
                {
                    throw new Refusal(409, "email_already_registered", "This address has an account already.");
                }

                if (taken)
                {
                    MailQueue.Add(batch, MailText.AlreadyThere(newEmail, address.Link("/portal"), visitor.Address), now);
                }
                else
                {
                    var token = AccountStore.IssueToken(batch, MailTokenPurpose.ChangeEmail, person.AccountId, now + (long)settings.VerifyTime.TotalMilliseconds, newEmail);
                    MailQueue.Add(batch, MailText.ConfirmNewAddress(newEmail, address.Link("/auth/confirm-email?token=" + token), settings.VerifyTime, visitor.Address), now);
                }

                // 4. Earlier ways back stay: who takes an account over changes its address twice.
                var undo = AccountStore.AddToken(batch, MailTokenPurpose.UndoEmail, person.AccountId, now + (long)UndoTime.TotalMilliseconds, person.Email);
                MailQueue.Add(batch, MailText.AddressChanges(person.Email, address.Link("/auth/undo-email?token=" + undo), UndoTime, visitor.Address), now);
                AuditLog.Append(batch, by, "account.email_asked", person.Actor, now, evidenceRef: proof.EvidenceRef);
                return key;
            },
            request.Cancelled);
    }

    /// <summary>Takes the new address. Throws 400 <c>verification_token_invalid</c>, 409 <c>email_already_registered</c>, <c>last_admin</c>.</summary>
    public Task<bool> ConfirmAsync(string token, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Link, Now());
        return writer.WriteAsync(
            batch =>
            {
                var (id, newEmail) = AccountStore.ConsumeDetail(batch, MailTokenPurpose.ChangeEmail, token, now) ?? throw Used();
                Move(batch, by.By(id), "account.email_changed", id, newEmail, now);
                return true;
            },
            cancellationToken);
    }

    /// <summary>
    /// Gives the old address back, and shuts out whoever changed it: every session ends and passwords are set anew by mail to the old address. Throws as <see cref="ConfirmAsync"/>.
    /// </summary>
    public Task<bool> UndoAsync(string token, Visitor visitor, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Link, Now());
        return writer.WriteAsync(
            batch =>
            {
                var (id, oldEmail) = AccountStore.ConsumeDetail(batch, MailTokenPurpose.UndoEmail, token, now) ?? throw Used();
                Move(batch, by.By(id), "account.email_restored", id, oldEmail, now);
                SessionStore.EndAll(batch, by.By(id), id, "", now);
                var reset = AccountStore.IssueToken(batch, MailTokenPurpose.ResetPassword, id, now + (long)settings.ResetTime.TotalMilliseconds);
                MailQueue.Add(batch, MailText.Reset(oldEmail, address.Link("/portal/reset?token=" + reset), settings.ResetTime, visitor.Address), now);
                return true;
            },
            cancellationToken);
    }

    private void Move(IStoreBatch batch, AuditSource by, string action, string id, string email, long now)
    {
        if (StoredPerson.Find(batch, id, settings.Roles) is not { Enabled: true } before)
        {
            throw Used();
        }

        if (AccountStore.VerifiedId(batch, email) is { } other && other != id)
        {
            throw new Refusal(409, "email_already_registered", "This address has another account by now. Ask the operator of the portal.");
        }

        batch.Execute("UPDATE accounts SET email = $1 WHERE id = $2", email, id);
        AccountStore.DeleteUnverified(batch, email, id);
        batch.Execute("DELETE FROM mail_tokens WHERE account_id = $1 AND purpose IN ('change_email', 'reset_password', 'verify_email')", id);

        // A role by configuration goes with its address; the last administrator's does not.
        if (before.Roles.IsSystemAdmin)
        {
            Administrators.RequireOne(batch, settings.Roles);
        }

        AuditLog.Append(batch, by, action, "user:" + id, now);
    }

    private static Refusal Used() => new(400, "verification_token_invalid", "This link is used up or out of date.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

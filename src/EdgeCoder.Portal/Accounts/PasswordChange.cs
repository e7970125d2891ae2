using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Accounts;

/// <summary>New passwords: by a link for who forgot it, and by who is signed in (portal-and-control-plane 5.1).</summary>
internal sealed class PasswordChange(IStoreWriter writer, AccountStore accounts, SignIn signIn, PasswordHashing hashing, LimitCounter limits, PortalSettings settings, PortalAddress address, TimeProvider time)
{
    /// <summary>Mails a link to the owner of a verified address. What it did shows in no answer.</summary>
    public async Task ForgotAsync(string email, Visitor visitor, CancellationToken cancellationToken)
    {
        if (settings.Mail.Kind == MailTransportKind.None)
        {
            throw new Refusal(503, "mail_not_configured", "This portal cannot send mail yet. Its operator sets MAIL_TRANSPORT.");
        }

        var now = Now();
        await writer.WriteAsync(
            batch =>
            {
                if (LimitCounter.Take(batch, now, (settings.Limits.MailAccount, email), (settings.Limits.MailAddress, visitor.Address)) is null && AccountStore.VerifiedId(batch, email) is { } id)
                {
                    var token = AccountStore.IssueToken(batch, MailTokenPurpose.ResetPassword, id, now + (long)settings.ResetTime.TotalMilliseconds);
                    MailQueue.Add(batch, MailText.Reset(email, address.Link("/portal/reset?token=" + token), settings.ResetTime, visitor.Address), now);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a password with a link: the token is consumed, every session ends, the lock is lifted, the owner gets a notice.</summary>
    public async Task ResetAsync(string token, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        await limits.TakeAsync(cancellationToken, (settings.Limits.Links, visitor.Address)).ConfigureAwait(false);
        var hash = await hashing.HashAsync(password, cancellationToken).ConfigureAwait(false);
        var (by, now) = (AuditSource.Link, Now());
        await writer.WriteAsync(
            batch =>
            {
                if (AccountStore.ConsumeToken(batch, MailTokenPurpose.ResetPassword, token, now) is not { Length: > 0 } id || batch.Query("SELECT email FROM accounts WHERE id = $1", row => row.Text(0), id) is not [var email])
                {
                    throw new Refusal(400, "reset_token_invalid", "This link is used up or out of date. Ask for a new one.");
                }

                if (PasswordRules.Refuse(password, email) is not null)
                {
                    throw new Refusal(400, "password_refused", "Everybody tries this password first. Take another, three random words for example.");
                }

                batch.Execute("UPDATE accounts SET password_hash = $1, failed_passwords = 0, locks = 0, locked_until_ms = 0 WHERE id = $2", hash, id);
                AuditLog.Append(batch, by.By(id), "password.reset", "user:" + id, now);
                SessionStore.EndAll(batch, by.By(id), id, "", now);
                MailQueue.Add(batch, MailText.PasswordChanged(email, address.Link("/portal/forgot"), visitor.Address), now);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes the password of who is signed in: other sessions end, the owner gets a notice. False: the current one is wrong.</summary>
    public async Task<bool> ChangeAsync(SignedIn person, string current, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(person.AccountId, cancellationToken).ConfigureAwait(false) is not { } account || !await signIn.IsOwnAsync(account, current, visitor, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var hash = await hashing.HashAsync(password, cancellationToken).ConfigureAwait(false);
        var (by, now) = (AuditSource.Of(person), Now());
        return await writer.WriteAsync(
            batch =>
            {
                if (batch.Execute("UPDATE accounts SET password_hash = $1, failed_passwords = 0, locks = 0 WHERE id = $2 AND password_hash = $3", hash, account.Id, account.PasswordHash) == 0)
                {
                    return false;
                }

                AuditLog.Append(batch, by, "password.changed", person.Actor, now);
                SessionStore.EndAll(batch, by, account.Id, person.KeyHash, now);
                batch.Execute("DELETE FROM mail_tokens WHERE account_id = $1 AND purpose = 'reset_password'", account.Id);
                MailQueue.Add(batch, MailText.PasswordChanged(account.Email, address.Link("/portal/forgot"), visitor.Address), now);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

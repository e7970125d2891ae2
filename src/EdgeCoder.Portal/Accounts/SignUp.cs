using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Accounts;

/// <summary>
/// Sign-up and the confirmation of an address (portal-and-control-plane 5.1, 5.2). Where disclosure is uniform, a known address is answered as a new one: the same
/// work is done, a random id is given, and the owner gets a mail instead.
/// </summary>
internal sealed class SignUp(IStoreWriter writer, AccountStore accounts, PasswordHashing hashing, LimitCounter limits, PortalSettings settings, PortalAddress address, TimeProvider time)
{
    /// <summary>1. limits; 2. the hash; 3. account, token and mail in one transaction. Gives the id.</summary>
    public async Task<string> RegisterAsync(string email, string password, string? displayName, Visitor visitor, CancellationToken cancellationToken)
    {
        if (!settings.SignUpOpen)
        {
            throw new Refusal(403, "signup_closed", "Nobody can sign up here. Ask the operator for an account.");
        }

        if (settings.Mail.Kind == MailTransportKind.None)
        {
            throw MailMissing();
        }

        // 1.
        await limits.TakeAsync(cancellationToken, (settings.Limits.SignUp, visitor.Address)).ConfigureAwait(false);

        // 2.
        var hash = await hashing.HashAsync(password, cancellationToken).ConfigureAwait(false);

        // 3.
        var now = Now();
        return await writer.WriteAsync(
            batch =>
            {
                var mailed = LimitCounter.Take(batch, now, (settings.Limits.MailAccount, email), (settings.Limits.MailAddress, visitor.Address)) is null;
                if (AccountStore.VerifiedId(batch, email) is not null)
                {
                    if (!settings.Uniform)
                    {
                        throw new Refusal(409, "email_already_registered", "This address has an account. Sign in, or ask for a new password.");
                    }

                    if (mailed)
                    {
                        MailQueue.Add(batch, MailText.AlreadyThere(email, address.Link("/portal"), visitor.Address), now);
                    }

                    return Guid.NewGuid().ToString();
                }

                var account = AccountStore.Make(email, displayName, hash, now);
                batch.Insert(account);
                if (mailed)
                {
                    QueueVerification(batch, account.Id, email, visitor, now);
                }

                return account.Id;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Confirms the address of a link: 1. the token is consumed; 2. another verified account of the address wins; 3. the stamp is set once; 4. all other sign-ups for the address die. Throws 400 <c>verification_token_invalid</c>.</summary>
    public async Task VerifyAsync(string token, Visitor visitor, CancellationToken cancellationToken)
    {
        await limits.TakeAsync(cancellationToken, (settings.Limits.Links, visitor.Address)).ConfigureAwait(false);
        var (by, now) = (AuditSource.Link, Now());
        var verified = await writer.WriteAsync(
            batch =>
            {
                // 1.
                if (AccountStore.ConsumeToken(batch, MailTokenPurpose.VerifyEmail, token, now) is not { Length: > 0 } id)
                {
                    return false;
                }

                // 2.
                if (batch.Query("SELECT email FROM accounts WHERE id = $1", row => row.Text(0), id) is not [var email] || AccountStore.VerifiedId(batch, email) is { } other && other != id)
                {
                    return false;
                }

                // 3.
                if (batch.Execute("UPDATE accounts SET email_verified_at_ms = $1 WHERE id = $2 AND email_verified_at_ms IS NULL", now, id) == 1)
                {
                    AuditLog.Append(batch, by.By(id), "account.confirmed", "user:" + id, now);
                }

                // 4.
                AccountStore.DeleteUnverified(batch, email, id);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (!verified)
        {
            throw new Refusal(400, "verification_token_invalid", "This link is used up or out of date. Ask for a new one.");
        }
    }

    /// <summary>Sends the link again to the latest sign-up of an address that nobody confirmed; earlier links die. What it did shows in no answer.</summary>
    public async Task ResendAsync(string email, Visitor visitor, CancellationToken cancellationToken)
    {
        if (settings.Mail.Kind == MailTransportKind.None)
        {
            throw MailMissing();
        }

        var now = Now();
        await writer.WriteAsync(
            batch =>
            {
                if (LimitCounter.Take(batch, now, (settings.Limits.MailAccount, email), (settings.Limits.MailAddress, visitor.Address)) is null && AccountStore.VerifiedId(batch, email) is null
                    && batch.Query("SELECT id FROM accounts WHERE email = $1 AND email_verified_at_ms IS NULL ORDER BY created_at_ms DESC LIMIT 1", row => row.Text(0), email) is [var id])
                {
                    QueueVerification(batch, id, email, visitor, now);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the first administrator's page needs: an account that the console vouches for. 1. the code is consumed; 2. nobody administers yet; 3. account, role and session.</summary>
    public async Task<string> SetUpAsync(string code, string email, string password, string? displayName, SessionStore sessions, Visitor visitor, CancellationToken cancellationToken)
    {
        await limits.TakeAsync(cancellationToken, (settings.Limits.Links, visitor.Address)).ConfigureAwait(false);
        var hash = await hashing.HashAsync(password, cancellationToken).ConfigureAwait(false);
        var (by, now) = (AuditSource.Console, Now());
        return await writer.WriteAsync(
            batch =>
            {
                // 1. A refusal below takes this back, so that the link still works.
                if (AccountStore.ConsumeToken(batch, MailTokenPurpose.Setup, code, now) is null)
                {
                    throw new Refusal(400, "setup_code_invalid", "This link is used up or out of date. Make a new one on the portal's machine: edgecoder admin create");
                }

                // 2.
                if (accounts.HasSystemAdmin(batch))
                {
                    throw new Refusal(409, "administrator_exists", "This portal has an administrator already. Ask that person for the role.");
                }

                if (AccountStore.VerifiedId(batch, email) is not null)
                {
                    throw new Refusal(409, "email_already_registered", "This address has an account. Take another address for the administrator.");
                }

                // 3.
                var account = AccountStore.Make(email, displayName, hash, now, verifiedAtMs: now);
                batch.Insert(account);
                AccountStore.DeleteUnverified(batch, email, account.Id);
                batch.Insert(new Roles.RoleGrantRow { AccountId = account.Id, Role = Roles.RoleNames.SystemAdmin, Scope = "", GrantedBy = "console", GrantedAtMs = now });
                AuditLog.Append(batch, by, "role.granted", "user:" + account.Id, now, after: new() { ["role"] = Roles.RoleNames.SystemAdmin, ["first"] = true });
                return sessions.SignIn(batch, by, account.Id, "setup", visitor, now);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private void QueueVerification(IStoreBatch batch, string accountId, string email, Visitor visitor, long now)
    {
        var token = AccountStore.IssueToken(batch, MailTokenPurpose.VerifyEmail, accountId, now + (long)settings.VerifyTime.TotalMilliseconds);
        MailQueue.Add(batch, MailText.Verify(email, address.Link("/auth/verify-email?token=" + token), settings.VerifyTime, visitor.Address), now);
    }

    private static Refusal MailMissing() => new(503, "mail_not_configured", "This portal cannot send mail yet. Its operator sets MAIL_TRANSPORT.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

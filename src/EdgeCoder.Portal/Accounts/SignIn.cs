using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Identity;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Sign-in by password (portal-and-control-plane 5.1, 5.2, 3.3).</summary>
internal sealed class SignIn(IStoreWriter writer, AccountStore accounts, SessionStore sessions, PasswordHashing hashing, LimitCounter limits, PortalSettings settings, TimeProvider time)
{
    /// <summary>
    /// 1. limits; 2. accounts that the password may be for; 3. one hash at least, also for nobody and while the password is locked, so that time tells nothing;
    /// 4. a wrong one is counted; 5. a right one starts a session, and a hash of weaker settings is made anew. Every failure of the credential is the same 401.
    /// </summary>
    public async Task<(AccountRow Account, string Key)> ByPasswordAsync(string email, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        // 1.
        await limits.TakeAsync(cancellationToken, (settings.Limits.SignInAccount, visitor.Address + " " + email), (settings.Limits.SignInAddress, visitor.Address)).ConfigureAwait(false);

        // 2.
        var candidates = await accounts.CandidatesAsync(email, unverifiedToo: !settings.Uniform, cancellationToken).ConfigureAwait(false);
        if (candidates.Count == 0)
        {
            await hashing.VerifyAsync(null, password, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(_ => true, cancellationToken).ConfigureAwait(false);
            throw Wrong();
        }

        foreach (var account in candidates)
        {
            var by = AuditSource.OfAccount(account.Id);

            // 3.
            var result = await hashing.VerifyAsync(account.PasswordHash, password, cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (result == PasswordVerificationResult.Failed || account.LockedUntilMs > now || account.DisabledAtMs is not null || account.DeleteAtMs is not null)
            {
                // 4.
                await writer.WriteAsync(batch => CountWrong(batch, by, account.Id, now), cancellationToken).ConfigureAwait(false);
                continue;
            }

            // 5.
            var anew = result == PasswordVerificationResult.SuccessRehashNeeded ? await hashing.HashAsync(password, cancellationToken).ConfigureAwait(false) : account.PasswordHash;
            var key = await writer.WriteAsync(batch => Start(batch, by, account, anew, visitor, now), cancellationToken).ConfigureAwait(false);
            return (account, key ?? throw Wrong());
        }

        throw Wrong();
    }

    /// <summary>Whether a password is an account's own, counted like a sign-in.</summary>
    public async Task<bool> IsOwnAsync(AccountRow account, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        await limits.TakeAsync(cancellationToken, (settings.Limits.Links, visitor.Address), (settings.Limits.SignInAccount, visitor.Address + " " + account.Email)).ConfigureAwait(false);
        var result = await hashing.VerifyAsync(account.PasswordHash, password, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (result != PasswordVerificationResult.Failed && account.LockedUntilMs <= now)
        {
            return true;
        }

        var by = AuditSource.OfAccount(account.Id);
        await writer.WriteAsync(batch => CountWrong(batch, by, account.Id, now), cancellationToken).ConfigureAwait(false);
        return false;
    }

    // While it is locked nothing is counted: a flood of guesses does not keep the owner out for ever.
    private static bool CountWrong(IStoreBatch batch, AuditSource by, string accountId, long now)
    {
        var found = batch.Query("SELECT failed_passwords, locks FROM accounts WHERE id = $1 AND locked_until_ms <= $2", row => (Failed: row.Number(0), Locks: row.Number(1)), accountId, now);
        if (found is [var counters])
        {
            var (failed, locks, until) = LockRules.AfterWrong(counters.Failed, counters.Locks, now);
            batch.Execute("UPDATE accounts SET failed_passwords = $1, locks = $2, locked_until_ms = $3 WHERE id = $4", failed, locks, until, accountId);
            AuditLog.Append(batch, by with { Actor = "unknown" }, until > now ? "password.locked" : "sign_in.failed", "user:" + accountId, now);
        }

        return true;
    }

    // The row is asked again: a reset, a lock or the end of the account may have come between.
    private string? Start(IStoreBatch batch, AuditSource by, AccountRow account, string? hash, Visitor visitor, long now) =>
        batch.Execute(
            "UPDATE accounts SET failed_passwords = 0, locks = 0, password_hash = $1 WHERE id = $2 AND password_hash = $3 AND locked_until_ms <= $4 AND disabled_at_ms IS NULL AND delete_at_ms IS NULL",
            hash, account.Id, account.PasswordHash, now) == 1
            ? sessions.SignIn(batch, by, account.Id, "password", visitor, now)
            : null;

    private Refusal Wrong() => new(401, "invalid_credentials", settings.Uniform
        ? "Address and password do not fit together. If you have just signed up, confirm your address first, with the link in the mail."
        : "Address and password do not fit together. Try again, or ask for a new password.");
}

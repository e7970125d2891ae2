using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Roles;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Sessions;

/// <summary>Sessions as rows: what ends one takes effect on the next request (portal-and-control-plane 5.3).</summary>
/// <param name="contexts">Reads.</param>
/// <param name="writer">Writes.</param>
/// <param name="settings">Times and roles by configuration.</param>
/// <param name="time">Clock.</param>
internal sealed class SessionStore(IDbContextFactory<PortalContext> contexts, IStoreWriter writer, PortalSettings settings, TimeProvider time)
{
    private static readonly long TouchMs = (long)TimeSpan.FromMinutes(1).TotalMilliseconds;

    /// <summary>The person behind a key; null for no, an ended or an expired session, and for a disabled account.</summary>
    public async ValueTask<SignedIn?> FindAsync(string? key, CancellationToken cancellationToken)
    {
        if (!SecretText.IsOne(key))
        {
            return null;
        }

        var hash = SecretDigest.Hex(key!);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var found = await context.Set<SessionRow>().Where(session => session.KeyHash == hash && session.ExpiresAtMs > now)
            .Join(context.Set<AccountRow>(), session => session.AccountId, account => account.Id, (session, account) => new { Session = session, Account = account })
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (found is null || found.Account.DisabledAtMs is not null)
        {
            return null;
        }

        var verified = found.Account.EmailVerifiedAtMs is not null;
        if (!verified && settings.Uniform)
        {
            return null;
        }

        await NoteConfiguredAsync(found.Account, verified, now, cancellationToken).ConfigureAwait(false);
        var granted = verified ? await context.Set<RoleGrantRow>().Where(grant => grant.AccountId == found.Account.Id).Select(grant => new GrantedRole(grant.Role, grant.Scope)).ToListAsync(cancellationToken).ConfigureAwait(false) : [];
        var roles = PersonRoles.Of(found.Account.Email, verified, granted, settings.Roles);
        var idle = roles.IsCoordinatorOwner || roles.IsSystemAdmin ? Shorter(settings.SessionIdleTime, PortalSettings.OperatorIdleTime) : settings.SessionIdleTime;
        if (now - found.Session.LastSeenMs > idle.TotalMilliseconds)
        {
            return null;
        }

        if (now - found.Session.LastSeenMs >= TouchMs)
        {
            await writer.WriteAsync(batch => batch.Execute("UPDATE sessions SET last_seen_ms = $1 WHERE key_hash = $2 AND last_seen_ms < $1", now, hash), cancellationToken).ConfigureAwait(false);
        }

        return new()
        {
            AccountId = found.Account.Id,
            Email = found.Account.Email,
            EmailVerified = verified,
            DisplayName = found.Account.DisplayName,
            Theme = found.Account.Theme,
            Roles = roles,
            SessionId = found.Session.Id,
            KeyHash = hash,
            SignedInAtMs = found.Session.CreatedAtMs,
        };
    }

    /// <summary>Whether a session that was found still lives. A look of the program's own: it is no request of the person and keeps no session alive.</summary>
    public async ValueTask<bool> LivesAsync(SignedIn person, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var idle = person.Roles.IsCoordinatorOwner || person.Roles.IsSystemAdmin ? Shorter(settings.SessionIdleTime, PortalSettings.OperatorIdleTime) : settings.SessionIdleTime;
        var seenSince = now - (long)idle.TotalMilliseconds - TouchMs;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<SessionRow>().Where(session => session.KeyHash == person.KeyHash && session.ExpiresAtMs > now && session.LastSeenMs >= seenSince)
            .Join(context.Set<AccountRow>().Where(account => account.DisabledAtMs == null), session => session.AccountId, account => account.Id, (session, account) => session.Id)
            .AnyAsync(cancellationToken).ConfigureAwait(false);
    }

    // Roles by configuration come and go with settings and addresses; that they do is a row of the audit log (8.2), written when the person comes by.
    private async ValueTask NoteConfiguredAsync(AccountRow account, bool verified, long nowMs, CancellationToken cancellationToken)
    {
        var (was, isNow) = (account.ConfiguredRoles ?? "", verified ? string.Join(' ', settings.Roles.Of(account.Email)) : "");
        if (was == isNow)
        {
            return;
        }

        var by = AuditSource.OfPolicy("configuration");
        await writer.WriteAsync(
            batch =>
            {
                if (batch.Execute("UPDATE accounts SET configured_roles = $1 WHERE id = $2 AND COALESCE(configured_roles, '') = $3", isNow, account.Id, was) == 1)
                {
                    AuditLog.Append(batch, by, "role.configured", "user:" + account.Id, nowMs, new() { ["roles"] = was }, new() { ["roles"] = isNow });
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a session inside a transaction; gives its key, which is told to the caller and kept nowhere. A session that the caller presented ends: its key may be known to others (session fixation).</summary>
    public string Start(IStoreBatch batch, string accountId, Visitor visitor, long nowMs)
    {
        if (SecretText.IsOne(visitor.PresentedKey))
        {
            batch.Execute("DELETE FROM sessions WHERE key_hash = $1", SecretDigest.Hex(visitor.PresentedKey!));
        }

        var key = SecretText.New();
        batch.Insert(new SessionRow
        {
            KeyHash = SecretDigest.Hex(key),
            Id = Guid.NewGuid().ToString(),
            AccountId = accountId,
            CreatedAtMs = nowMs,
            LastSeenMs = nowMs,
            ExpiresAtMs = nowMs + (long)settings.SessionTime.TotalMilliseconds,
            Device = visitor.Device,
            Address = visitor.Address,
        });
        return key;
    }

    /// <summary>The same with its row of the audit log.</summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="by">Who.</param>
    /// <param name="accountId">Whose session it will be.</param>
    /// <param name="method">What proved it: <c>password</c>, <c>passkey</c>, <c>setup</c>.</param>
    /// <param name="visitor">Whence.</param>
    /// <param name="nowMs">When.</param>
    public string SignIn(IStoreBatch batch, AuditSource by, string accountId, string method, Visitor visitor, long nowMs)
    {
        var key = Start(batch, accountId, visitor, nowMs);
        AuditLog.Append(batch, by, "sign_in.done", "user:" + accountId, nowMs, after: new() { ["method"] = method });
        return key;
    }

    /// <summary>Ends the sessions with these keys: sign-out.</summary>
    public Task EndAsync(IEnumerable<string?> keys, CancellationToken cancellationToken)
    {
        string[] hashes = [.. keys.Where(SecretText.IsOne).Select(key => SecretDigest.Hex(key!)).Distinct()];
        var (by, now) = (AuditSource.OfAccount(""), Now());
        return writer.WriteAsync(
            batch =>
            {
                foreach (var hash in hashes)
                {
                    if (batch.Query("SELECT account_id, id FROM sessions WHERE key_hash = $1", row => (Account: row.Text(0), Id: row.Text(1)), hash) is [var session])
                    {
                        batch.Execute("DELETE FROM sessions WHERE key_hash = $1", hash);
                        AuditLog.Append(batch, by.By(session.Account), "sign_out.done", "user:" + session.Account, now, before: new() { ["sessionId"] = session.Id });
                    }
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>Sessions of an account that live, newest first.</summary>
    public async Task<List<SessionRow>> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<SessionRow>().Where(row => row.AccountId == accountId && row.ExpiresAtMs > now).OrderByDescending(row => row.LastSeenMs).ThenBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends one session of a person; false when it is none of theirs.</summary>
    public Task<bool> EndOneAsync(SignedIn person, string sessionId, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Of(person), Now());
        return writer.WriteAsync(
            batch =>
            {
                if (batch.Execute("DELETE FROM sessions WHERE account_id = $1 AND id = $2", person.AccountId, sessionId) == 0)
                {
                    return false;
                }

                AuditLog.Append(batch, by, "session.ended", person.Actor, now, before: new() { ["sessionId"] = sessionId });
                return true;
            },
            cancellationToken);
    }

    /// <summary>Ends all of a person but the one that asks.</summary>
    public Task<int> EndOthersAsync(SignedIn person, CancellationToken cancellationToken)
    {
        var (by, now) = (AuditSource.Of(person), Now());
        return writer.WriteAsync(batch => EndAll(batch, by, person.AccountId, person.KeyHash, now), cancellationToken);
    }

    /// <summary>Ends the sessions of an account inside a transaction, but for one; gives how many.</summary>
    public static int EndAll(IStoreBatch batch, AuditSource by, string accountId, string keepKeyHash, long nowMs)
    {
        var ended = batch.Execute("DELETE FROM sessions WHERE account_id = $1 AND key_hash <> $2", accountId, keepKeyHash);
        if (ended > 0)
        {
            AuditLog.Append(batch, by, "session.all_ended", "user:" + accountId, nowMs, before: new() { ["sessions"] = ended });
        }

        return ended;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>Whence a request comes, as far as it is recorded.</summary>
/// <param name="Address">Key of its address: what limits count.</param>
/// <param name="Device">Browser and system.</param>
/// <param name="PresentedKey">Key of the session that it brought.</param>
internal sealed record Visitor(string Address, string Device, string? PresentedKey);

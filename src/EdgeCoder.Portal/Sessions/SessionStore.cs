using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
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

        var granted = verified ? await context.Set<RoleGrantRow>().Where(grant => grant.AccountId == found.Account.Id).Select(grant => grant.Role).ToListAsync(cancellationToken).ConfigureAwait(false) : [];
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

    /// <summary>Ends the sessions with these keys.</summary>
    public Task EndAsync(IEnumerable<string?> keys, CancellationToken cancellationToken)
    {
        string[] hashes = [.. keys.Where(SecretText.IsOne).Select(key => SecretDigest.Hex(key!))];
        return writer.WriteAsync(batch => hashes.Sum(hash => batch.Execute("DELETE FROM sessions WHERE key_hash = $1", hash)), cancellationToken);
    }

    /// <summary>Sessions of an account that live, newest first.</summary>
    public async Task<List<SessionRow>> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<SessionRow>().Where(row => row.AccountId == accountId && row.ExpiresAtMs > now).OrderByDescending(row => row.LastSeenMs).ThenBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends one session of an account; false when it has none with this id.</summary>
    public async Task<bool> EndOneAsync(string accountId, string sessionId, CancellationToken cancellationToken) =>
        await writer.WriteAsync(batch => batch.Execute("DELETE FROM sessions WHERE account_id = $1 AND id = $2", accountId, sessionId), cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Ends all of an account but one.</summary>
    public Task<int> EndOthersAsync(string accountId, string keepKeyHash, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => batch.Execute("DELETE FROM sessions WHERE account_id = $1 AND key_hash <> $2", accountId, keepKeyHash), cancellationToken);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>Whence a request comes, as far as it is recorded.</summary>
/// <param name="Address">Key of its address: what limits count.</param>
/// <param name="Device">Browser and system.</param>
/// <param name="PresentedKey">Key of the session that it brought.</param>
internal sealed record Visitor(string Address, string Device, string? PresentedKey);

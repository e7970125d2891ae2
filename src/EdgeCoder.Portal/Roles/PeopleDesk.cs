using System.Globalization;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Roles;

/// <summary>People as administrators see and change them (portal-and-control-plane 8.2).</summary>
internal sealed class PeopleDesk(IStoreWriter writer, IDbContextFactory<PortalContext> contexts, SessionStore sessions, PortalSettings settings, TimeProvider time)
{
    /// <summary>A page of people, newest first.</summary>
    /// <param name="query">Part of an address, or a whole id; empty: all.</param>
    /// <param name="cursor">Where the page begins, as the one before gave it.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<(List<PersonView> People, string? Next)> ListAsync(string query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var accounts = context.Set<AccountRow>().AsQueryable();
        if (query.Length > 0)
        {
            accounts = accounts.Where(row => row.Id == query || row.Email.Contains(query));
        }

        if (cursor is not null)
        {
            var (ms, id) = Read(cursor);
            accounts = accounts.Where(row => row.CreatedAtMs < ms || (row.CreatedAtMs == ms && string.Compare(row.Id, id) > 0));
        }

        var rows = await accounts.OrderByDescending(row => row.CreatedAtMs).ThenBy(row => row.Id).Take(limit + 1).ToListAsync(cancellationToken).ConfigureAwait(false);
        var next = rows.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{rows[limit - 1].CreatedAtMs}_{rows[limit - 1].Id}") : null;
        return (await ViewsAsync(context, rows.Take(limit).ToList(), cancellationToken).ConfigureAwait(false), next);
    }

    /// <summary>One person; null when there is none.</summary>
    public async Task<PersonView?> FindAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<AccountRow>().Where(row => row.Id == accountId).ToListAsync(cancellationToken).ConfigureAwait(false);
        return (await ViewsAsync(context, rows, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    /// <summary>
    /// Grants or revokes after a step-up: 1. what cannot be done is refused; 2. a further system-admin needs a second person as soon as there are two who could be asked; 3. else it is done. Gives the change that
    /// waits, if one does, and the session's new key. Throws 404 <c>user_not_found</c>, 409 <c>last_admin</c>, <c>email_unverified</c>, <c>user_disabled</c>, <c>role_managed_by_configuration</c>.
    /// </summary>
    public Task<(ChangeRow? Waiting, string Key)> ChangeAsync(ActionRequest request, RoleChange change, StepUpProof proof)
    {
        var (person, by, now) = (request.Http.RequiredPerson(), AuditSource.Of(request.Http), time.GetUtcNow().ToUnixTimeMilliseconds());
        return writer.WriteAsync<(ChangeRow?, string)>(
            batch =>
            {
                proof.Use(batch);

                // 1.
                if (change.FaultOf(batch, settings.Roles) is { } fault)
                {
                    throw Refused(fault);
                }

                // 2.
                var key = sessions.Start(batch, person.AccountId, request.Visitor, now);
                if (change.MakesAdmin && settings.Approvals.Of(ApprovalPolicy.GrantAdmin) == ApprovalLevel.TwoPersons && Administrators.Of(batch, settings.Roles).Count > 1)
                {
                    return (ChangeDesk.Propose(batch, by, RoleChange.Action, change.Parameters, 2, proof.EvidenceRef, now), key);
                }

                // 3. Sessions of who loses the own role end with it, this one too.
                change.Apply(batch, by, now, null, proof.EvidenceRef);
                return (null, key);
            },
            request.Cancelled);
    }

    /// <summary>Nobody signs in to the account any more, and its sessions end. Throws 404 <c>user_not_found</c>, 409 <c>last_admin</c>.</summary>
    public Task<bool> DisableAsync(SignedIn person, string accountId, string? reason, CancellationToken cancellationToken) => WriteAsync(person, accountId, cancellationToken, (batch, by, now) =>
    {
        Administrators.RequireAnother(batch, settings.Roles, accountId);
        if (batch.Execute("UPDATE accounts SET disabled_at_ms = $1 WHERE id = $2 AND disabled_at_ms IS NULL", now, accountId) == 0)
        {
            return false;
        }

        AuditLog.Append(batch, by, "account.disabled", "user:" + accountId, now, reason: reason);
        SessionStore.EndAll(batch, by, accountId, "", now);
        batch.Execute("DELETE FROM mail_tokens WHERE account_id = $1", accountId);
        batch.Execute("DELETE FROM challenges WHERE account_id = $1", accountId);
        return true;
    });

    /// <summary>The account works again. Throws 404 <c>user_not_found</c>.</summary>
    public Task<bool> EnableAsync(SignedIn person, string accountId, CancellationToken cancellationToken) => WriteAsync(person, accountId, cancellationToken, (batch, by, now) =>
    {
        if (batch.Execute("UPDATE accounts SET disabled_at_ms = NULL WHERE id = $1 AND disabled_at_ms IS NOT NULL", accountId) == 0)
        {
            return false;
        }

        AuditLog.Append(batch, by, "account.enabled", "user:" + accountId, now);
        return true;
    });

    /// <summary>Ends all sessions of a person. Throws 404 <c>user_not_found</c>.</summary>
    public Task<bool> SignOutAsync(SignedIn person, string accountId, CancellationToken cancellationToken) =>
        WriteAsync(person, accountId, cancellationToken, (batch, by, now) => SessionStore.EndAll(batch, by, accountId, accountId == person.AccountId ? person.KeyHash : "", now) > 0);

    /// <summary>A fault of a role's change as a refusal.</summary>
    public static Refusal Refused(string fault) => fault switch
    {
        "user_not_found" => new(404, fault, "There is no such person."),
        "email_unverified" => new(409, fault, "This person has not confirmed the mail address yet. Until then no role counts."),
        "user_disabled" => new(409, fault, "This account is disabled. Enable it first."),
        "role_managed_by_configuration" => new(409, fault, "Settings of the portal give this role: SYSTEM_ADMIN_EMAILS, COORDINATOR_ADMIN_EMAILS. Change them there."),
        _ => new(409, "last_admin", "Nobody else administers this portal. Give the role to another person first."),
    };

    private Task<bool> WriteAsync(SignedIn person, string accountId, CancellationToken cancellationToken, Func<IStoreBatch, AuditSource, long, bool> change)
    {
        var (by, now) = (AuditSource.Of(person), time.GetUtcNow().ToUnixTimeMilliseconds());
        return writer.WriteAsync(
            batch => batch.Query("SELECT id FROM accounts WHERE id = $1", row => row.Text(0), accountId).Count == 0 ? throw Refused("user_not_found") : change(batch, by, now), cancellationToken);
    }

    private async Task<List<PersonView>> ViewsAsync(PortalContext context, List<AccountRow> rows, CancellationToken cancellationToken)
    {
        string[] ids = [.. rows.Select(row => row.Id)];
        var grants = await context.Set<RoleGrantRow>().Where(grant => ids.Contains(grant.AccountId)).ToListAsync(cancellationToken).ConfigureAwait(false);
        var seen = await context.Set<SessionRow>().Where(session => ids.Contains(session.AccountId)).GroupBy(session => session.AccountId).Select(group => new { group.Key, Last = group.Max(session => session.LastSeenMs) })
            .ToDictionaryAsync(one => one.Key, one => one.Last, cancellationToken).ConfigureAwait(false);
        return
        [
            .. rows.Select(row => new PersonView(
                row.Id, row.Email, row.DisplayName, row.EmailVerifiedAtMs is not null, row.CreatedAtMs, seen.TryGetValue(row.Id, out var last) ? last : null, row.DisabledAtMs is not null,
                PersonRoles.Of(row.Email, row.EmailVerifiedAtMs is not null, [.. grants.Where(grant => grant.AccountId == row.Id).Select(grant => new GrantedRole(grant.Role, grant.Scope))], settings.Roles))),
        ];
    }

    private static (long Ms, string Id) Read(string cursor) =>
        cursor.Split('_') is [var ms, var id] && long.TryParse(ms, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Guid.TryParseExact(id, "D", out _) ? (number, id) : throw Refusal.Invalid([new("cursor", "a value as lists give it")]);
}

/// <summary>A person in a list of administrators.</summary>
/// <param name="Id">Account.</param>
/// <param name="Email">Address.</param>
/// <param name="DisplayName">Name to show.</param>
/// <param name="Verified">Whether the address is confirmed.</param>
/// <param name="CreatedAtMs">Sign-up.</param>
/// <param name="LastSeenMs">Last request of a session that lives; null without one.</param>
/// <param name="Disabled">Whether nobody signs in to it.</param>
/// <param name="Roles">Roles.</param>
public sealed record PersonView(string Id, string Email, string? DisplayName, bool Verified, long CreatedAtMs, long? LastSeenMs, bool Disabled, PersonRoles Roles);

using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Roles;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Accounts;

/// <summary>Accounts as rows, and what several flows do to them inside their transactions.</summary>
/// <param name="contexts">Reads.</param>
/// <param name="settings">Roles by configuration.</param>
internal sealed class AccountStore(IDbContextFactory<PortalContext> contexts, PortalSettings settings)
{
    // How many sign-ups that nobody confirmed are tried with a password, where they may sign in at all.
    private const int MostUnverified = 3;

    /// <summary>Accounts that a password may be for: the verified one of an address, else the latest unverified ones.</summary>
    public async Task<List<AccountRow>> CandidatesAsync(string email, bool unverifiedToo, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var verified = await context.Set<AccountRow>().Where(row => row.Email == email && row.EmailVerifiedAtMs != null).ToListAsync(cancellationToken).ConfigureAwait(false);
        return verified.Count > 0 || !unverifiedToo ? verified
            : await context.Set<AccountRow>().Where(row => row.Email == email).OrderByDescending(row => row.CreatedAtMs).Take(MostUnverified).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An account; null when there is none.</summary>
    public async Task<AccountRow?> FindAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AccountRow>().FirstOrDefaultAsync(row => row.Id == accountId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Id of the verified account of an address, inside a transaction.</summary>
    public static string? VerifiedId(IStoreBatch batch, string email) =>
        batch.Query("SELECT id FROM accounts WHERE email = $1 AND email_verified_at_ms IS NOT NULL", row => row.Text(0), email) is [var id] ? id : null;

    /// <summary>A new account that nobody has confirmed, unless <paramref name="verifiedAtMs"/> says so.</summary>
    public static AccountRow Make(string email, string? displayName, string passwordHash, long nowMs, long? verifiedAtMs = null) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Email = email,
        EmailVerifiedAtMs = verifiedAtMs,
        PasswordHash = passwordHash,
        DisplayName = displayName,
        Theme = Pages.Themes.Standard,
        CreatedAtMs = nowMs,
        FailedPasswords = 0,
        Locks = 0,
        LockedUntilMs = 0,
    };

    /// <summary>Takes away every other sign-up for an address, with its sessions and links (5.2).</summary>
    public static void DeleteUnverified(IStoreBatch batch, string email, string keepId) =>
        batch.Execute("DELETE FROM accounts WHERE email = $1 AND email_verified_at_ms IS NULL AND id <> $2", email, keepId);

    /// <summary>Whether a verified, enabled system-admin exists, by grant or by configuration.</summary>
    public bool HasSystemAdmin(IStoreBatch batch) =>
        batch.Query(
            "SELECT count(*) FROM accounts JOIN role_grants ON role_grants.account_id = accounts.id WHERE role_grants.role = $1 AND accounts.email_verified_at_ms IS NOT NULL AND accounts.disabled_at_ms IS NULL",
            row => row.Number(0), RoleNames.SystemAdmin)[0] > 0
        || settings.Roles.SystemAdmins.Any(email => batch.Query("SELECT id FROM accounts WHERE email = $1 AND email_verified_at_ms IS NOT NULL AND disabled_at_ms IS NULL", row => row.Text(0), email).Count > 0);

    /// <summary>Makes a link's token; earlier ones of the same purpose die. Gives its text, which goes into a mail or on the console and nowhere else.</summary>
    public static string IssueToken(IStoreBatch batch, MailTokenPurpose purpose, string? accountId, long expiresAtMs, string? detail = null)
    {
        var name = EnumText.Of(purpose);
        if (accountId is null)
        {
            batch.Execute("DELETE FROM mail_tokens WHERE purpose = $1 AND account_id IS NULL", name);
        }
        else
        {
            batch.Execute("DELETE FROM mail_tokens WHERE purpose = $1 AND account_id = $2", name, accountId);
        }

        return AddToken(batch, purpose, accountId, expiresAtMs, detail);
    }

    /// <summary>The same beside earlier ones.</summary>
    public static string AddToken(IStoreBatch batch, MailTokenPurpose purpose, string? accountId, long expiresAtMs, string? detail)
    {
        var token = SecretText.New();
        batch.Insert(new MailTokenRow { TokenHash = Hosting.Credentials.SecretDigest.Hex(token), Purpose = purpose, AccountId = accountId, Detail = detail, ExpiresAtMs = expiresAtMs });
        return token;
    }

    /// <summary>Consumes a token that is about an address; gives its account and that address, null when it is none.</summary>
    public static (string AccountId, string Detail)? ConsumeDetail(IStoreBatch batch, MailTokenPurpose purpose, string token, long nowMs)
    {
        var detail = SecretText.IsOne(token) ? batch.Query("SELECT detail FROM mail_tokens WHERE token_hash = $1", row => row.TextOrNull(0), Hosting.Credentials.SecretDigest.Hex(token)) : [];
        return detail is [{ } text] && ConsumeToken(batch, purpose, token, nowMs) is { Length: > 0 } account ? (account, text) : null;
    }

    /// <summary>Consumes a token with one conditional write: a second consumer loses. Gives its account (empty for the first administrator's); null when it is none.</summary>
    public static string? ConsumeToken(IStoreBatch batch, MailTokenPurpose purpose, string token, long nowMs)
    {
        if (!SecretText.IsOne(token))
        {
            return null;
        }

        var (hash, name) = (Hosting.Credentials.SecretDigest.Hex(token), EnumText.Of(purpose));
        var found = batch.Query("SELECT account_id FROM mail_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at_ms > $3", row => row.TextOrNull(0) ?? "", hash, name, nowMs);
        return found is [var account] && batch.Execute("DELETE FROM mail_tokens WHERE token_hash = $1", hash) == 1 ? account : null;
    }
}

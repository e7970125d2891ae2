using System.Buffers.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Audit;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// Passkeys: registration and sign-in (portal-and-control-plane 7). Identity's handler checks origin, relying party, user verification, challenge, signature and
/// counter (WebAuthn Level 3, 7.1 and 7.2); that a challenge works once is ours, see <see cref="ChallengeStore"/>.
/// </summary>
internal sealed class PasskeyDesk(IStoreWriter writer, IDbContextFactory<PortalContext> contexts, ChallengeStore challenges, RelyingParty party, SessionStore sessions, PortalSettings settings, PortalAddress address, TimeProvider time)
{
    /// <summary>Most passkeys of a person.</summary>
    public const int Most = 20;

    /// <summary>Options of a registration for who is signed in; own credentials are excluded.</summary>
    public async Task<(string ChallengeId, string Options)> OfferAsync(HttpContext context, SignedIn person)
    {
        var made = await Handler(context).MakeCreationOptionsAsync(new() { Id = person.AccountId, Name = person.Email, DisplayName = person.DisplayName ?? person.Email }, context).ConfigureAwait(false);
        var id = Guid.NewGuid().ToString();
        await challenges.KeepAsync(id, ChallengeFlow.Register, person, made.AttestationState ?? "", [], challenges.ExpiresAtMs, context.RequestAborted).ConfigureAwait(false);

        // The framework has its domain as the name, too.
        var options = JsonNode.Parse(made.CreationOptionsJson)!;
        options["rp"]!["name"] = settings.Passkeys.RpName;
        return (id, options.ToJsonString());
    }

    /// <summary>Registers a passkey. 1. the challenge is taken; 2. the answer is checked; 3. the row and a notice to the owner in one transaction.</summary>
    public async Task<PasskeyRow> RegisterAsync(HttpContext context, SignedIn person, string? challengeId, string? response, string name, Visitor visitor)
    {
        // 1.
        if (await challenges.TakeAsync(challengeId, ChallengeFlow.Register, person, context.RequestAborted).ConfigureAwait(false) is not { } challenge)
        {
            throw ChallengeInvalid();
        }

        // 2.
        if (PasskeyAnswer.Normalise(response, null) is not { } answer)
        {
            throw RegistrationFailed();
        }

        var result = await Handler(context).PerformAttestationAsync(new() { HttpContext = context, CredentialJson = answer.Json, AttestationState = challenge.State }).ConfigureAwait(false);
        if (!result.Succeeded || !result.Passkey.IsUserVerified || result.UserEntity.Id != person.AccountId)
        {
            throw RegistrationFailed();
        }

        // 3.
        var (row, by) = (Row(result.Passkey, person.AccountId, name), AuditSource.Of(person));
        return await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT count(*) FROM passkeys WHERE account_id = $1", found => found.Number(0), person.AccountId)[0] >= Most || !batch.TryInsert(row))
                {
                    throw RegistrationFailed();
                }

                AuditLog.Append(batch, by, "passkey.added", person.Actor, row.CreatedAtMs, after: new() { ["passkeyId"] = row.Id, ["keySha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(row.PublicKey)) });
                MailQueue.Add(batch, MailText.PasskeyAdded(person.Email, address.Link("/portal/settings"), visitor.Address), row.CreatedAtMs);
                return row;
            },
            context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Options of a sign-in: always for any discoverable credential, so that they tell nothing about an address.</summary>
    public async Task<(string ChallengeId, string Options)> AskAsync(HttpContext context)
    {
        var made = await Handler(context).MakeRequestOptionsAsync(null, context).ConfigureAwait(false);
        var id = Guid.NewGuid().ToString();
        await challenges.KeepAsync(id, ChallengeFlow.SignIn, null, made.AssertionState ?? "", [], challenges.ExpiresAtMs, context.RequestAborted).ConfigureAwait(false);
        return (id, made.RequestOptionsJson);
    }

    /// <summary>Signs in. 1. the challenge is taken; 2. the assertion is checked; 3. counter and session in one transaction.</summary>
    public async Task<(AccountRow Account, string Key)> SignInAsync(HttpContext context, string? challengeId, string? response, string? credentialId, Visitor visitor)
    {
        // 1.
        if (await challenges.TakeAsync(challengeId, ChallengeFlow.SignIn, null, context.RequestAborted).ConfigureAwait(false) is not { } challenge)
        {
            throw ChallengeInvalid();
        }

        // 2.
        var (account, passkey) = await CheckAsync(context, challenge.State, response, credentialId).ConfigureAwait(false);
        if (account.DisabledAtMs is not null || account.DeleteAtMs is not null || (settings.Uniform && account.EmailVerifiedAtMs is null))
        {
            throw LoginFailed();
        }

        // 3.
        var (by, now) = (AuditSource.OfAccount(account.Id), time.GetUtcNow().ToUnixTimeMilliseconds());
        var key = await writer.WriteAsync(batch => Use(batch, passkey, now) ? sessions.SignIn(batch, by, account.Id, "passkey", visitor, now) : null, context.RequestAborted).ConfigureAwait(false);
        return (account, key ?? throw LoginFailed());
    }

    /// <summary>Checks an assertion against the handler's state. Throws 400 <c>passkey_credential_id_missing</c>, 401 <c>passkey_login_failed</c>.</summary>
    public static async Task<(AccountRow Account, UserPasskeyInfo Passkey)> CheckAsync(HttpContext context, string state, string? response, string? credentialId)
    {
        if (PasskeyAnswer.Normalise(response, credentialId) is not { } answer)
        {
            throw LoginFailed();
        }

        if (answer.CredentialId is null)
        {
            throw new Refusal(400, "passkey_credential_id_missing", "The answer names no credential. Try again.");
        }

        var result = await Handler(context).PerformAssertionAsync(new() { HttpContext = context, CredentialJson = answer.Json, AssertionState = state }).ConfigureAwait(false);
        return result.Succeeded && result.Passkey.IsUserVerified ? (result.User, result.Passkey) : throw LoginFailed();
    }

    /// <summary>Keeps the counter and the time of a use; false when the passkey is gone, or another use was counted meanwhile.</summary>
    public static bool Use(IStoreBatch batch, UserPasskeyInfo passkey, long nowMs) =>
        batch.Execute(
            "UPDATE passkeys SET sign_count = $1, backed_up = $2, last_used_at_ms = $3 WHERE credential_id = $4 AND (sign_count < $1 OR (sign_count = 0 AND $1 = 0))",
            (long)passkey.SignCount, passkey.IsBackedUp ? 1L : 0L, nowMs, Base64Url.EncodeToString(passkey.CredentialId)) == 1;

    /// <summary>Passkeys of a person, newest first.</summary>
    public async Task<List<PasskeyRow>> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PasskeyRow>().Where(row => row.AccountId == accountId).OrderByDescending(row => row.CreatedAtMs).ThenBy(row => row.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames one; false when the person has none with this id.</summary>
    public async Task<bool> RenameAsync(string accountId, string id, string name, CancellationToken cancellationToken) =>
        await writer.WriteAsync(batch => batch.Execute("UPDATE passkeys SET name = $1 WHERE account_id = $2 AND id = $3", name, accountId, id), cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Deletes one inside a transaction; false when the person has none with this id. The last way to sign in stays: 409 <c>last_sign_in_method</c>.</summary>
    public static bool Delete(IStoreBatch batch, string accountId, string id)
    {
        var others = batch.Query("SELECT count(*) FROM passkeys WHERE account_id = $1 AND id <> $2", row => row.Number(0), accountId, id)[0];
        if (others == 0 && batch.Query("SELECT id FROM accounts WHERE id = $1 AND password_hash IS NULL", row => row.Text(0), accountId).Count > 0)
        {
            throw new Refusal(409, "last_sign_in_method", "This is the only way into your account. Add another first.");
        }

        return batch.Execute("DELETE FROM passkeys WHERE account_id = $1 AND id = $2", accountId, id) == 1;
    }

    private static IPasskeyHandler<AccountRow> Handler(HttpContext context) => context.RequestServices.GetRequiredService<IPasskeyHandler<AccountRow>>();

    private PasskeyRow Row(UserPasskeyInfo passkey, string accountId, string name) => new()
    {
        CredentialId = Base64Url.EncodeToString(passkey.CredentialId),
        Id = Guid.NewGuid().ToString(),
        AccountId = accountId,
        RpId = party.Id,
        Name = name,
        PublicKey = passkey.PublicKey,
        SignCount = passkey.SignCount,
        Transports = string.Join(' ', passkey.Transports ?? []),
        BackupEligible = passkey.IsBackupEligible ? 1 : 0,
        BackedUp = passkey.IsBackedUp ? 1 : 0,
        AttestationObject = passkey.AttestationObject,
        ClientDataJson = passkey.ClientDataJson,
        CreatedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private static Refusal ChallengeInvalid() => new(400, "passkey_challenge_invalid", "This request is used up or out of date. Try again.");

    private static Refusal RegistrationFailed() => new(400, "passkey_registration_failed", "This passkey could not be added. It may be here already; try again, or take another device.");

    private static Refusal LoginFailed() => new(401, "passkey_login_failed", "That passkey opens no account here. Try another way to sign in.");
}

using System.Buffers.Text;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>
/// What ASP.NET Core Identity's passkey handler asks of a store of users: to find them and their passkeys. It writes nothing here; rows are written in the
/// transaction of what a passkey did.
/// </summary>
/// <param name="contexts">Reads.</param>
internal sealed class PasskeyUsers(IDbContextFactory<PortalContext> contexts) : IUserPasskeyStore<AccountRow>
{
    /// <inheritdoc/>
    public Task<string> GetUserIdAsync(AccountRow user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    /// <inheritdoc/>
    public Task<string?> GetUserNameAsync(AccountRow user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    /// <inheritdoc/>
    public Task<string?> GetNormalizedUserNameAsync(AccountRow user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    /// <inheritdoc/>
    public async Task<AccountRow?> FindByIdAsync(string userId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AccountRow>().FirstOrDefaultAsync(row => row.Id == userId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(AccountRow user, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<PasskeyRow>().Where(row => row.AccountId == user.Id).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(Info)];
    }

    /// <inheritdoc/>
    public async Task<AccountRow?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = Base64Url.EncodeToString(credentialId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PasskeyRow>().Where(row => row.CredentialId == id).Join(context.Set<AccountRow>(), row => row.AccountId, account => account.Id, (_, account) => account)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<UserPasskeyInfo?> FindPasskeyAsync(AccountRow user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = Base64Url.EncodeToString(credentialId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PasskeyRow>().FirstOrDefaultAsync(row => row.CredentialId == id && row.AccountId == user.Id, cancellationToken).ConfigureAwait(false) is { } row ? Info(row) : null;
    }

    /// <inheritdoc/>
    public Task AddOrUpdatePasskeyAsync(AccountRow user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task RemovePasskeyAsync(AccountRow user, byte[] credentialId, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<AccountRow?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task SetUserNameAsync(AccountRow user, string? userName, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task SetNormalizedUserNameAsync(AccountRow user, string? normalizedName, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<IdentityResult> CreateAsync(AccountRow user, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<IdentityResult> UpdateAsync(AccountRow user, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<IdentityResult> DeleteAsync(AccountRow user, CancellationToken cancellationToken) => throw ReadOnly();

    /// <inheritdoc/>
    public void Dispose()
    {
        // It holds nothing.
    }

    private static UserPasskeyInfo Info(PasskeyRow row) => new(
        Base64Url.DecodeFromChars(row.CredentialId), row.PublicKey, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs), (uint)row.SignCount,
        row.Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries), isUserVerified: true, row.BackupEligible != 0, row.BackedUp != 0, row.AttestationObject, row.ClientDataJson)
    { Name = row.Name };

    private static NotSupportedException ReadOnly() => new("Accounts and passkeys are written by the portal's own transactions.");
}

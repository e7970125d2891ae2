using System.Collections.Concurrent;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>
/// Keys and tokens of the store. What was found is remembered for a few seconds, so that a busy key costs no query each time and a revoked one is refused soon on
/// every silo; what was not found is not remembered, so that strangers fill nothing.
/// </summary>
internal sealed class StoredCredentials<TContext>(IDbContextFactory<TContext> contexts, IStoreWriter writer, TimeProvider time) : ICredentials
    where TContext : StoreContext
{
    private const int MostRemembered = 10_000;

    // Longer texts are not ours.
    private const int MostCharacters = 512;

    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (Caller Caller, long Until)> _found = new(StringComparer.Ordinal);

    public ValueTask<Caller?> ApiKeyAsync(string key, CancellationToken cancellationToken) => FindAsync("key ", key, ReadKeyAsync, cancellationToken);

    public ValueTask<Caller?> AdminTokenAsync(string token, CancellationToken cancellationToken) => FindAsync("token ", token, ReadTokenAsync, cancellationToken);

    public async ValueTask<bool> HasAdminTokensAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AdminTokenRow>().AnyAsync(row => row.RevokedAtMs == null && (row.ExpiresAtMs == null || row.ExpiresAtMs > now), cancellationToken).ConfigureAwait(false);
    }

    public Task AuditAsync(AdminAuditRow use, CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            batch.Insert(use);
            return true;
        },
        cancellationToken);

    private async ValueTask<Caller?> FindAsync(string kind, string secret, Func<string, CancellationToken, Task<Caller?>> read, CancellationToken cancellationToken)
    {
        if (secret.Length is 0 or > MostCharacters)
        {
            return null;
        }

        var hash = SecretDigest.Hex(secret);
        var name = kind + hash;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (_found.TryGetValue(name, out var known) && now < known.Until)
        {
            return known.Caller;
        }

        if (await read(hash, cancellationToken).ConfigureAwait(false) is not { } caller)
        {
            _found.TryRemove(name, out _);
            return null;
        }

        if (_found.Count >= MostRemembered)
        {
            _found.Clear();
        }

        _found[name] = (caller, now + (long)Remembered.TotalMilliseconds);
        return caller;
    }

    private async Task<Caller?> ReadKeyAsync(string hash, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<ApiKeyRow>().FirstOrDefaultAsync(row => row.KeyHash == hash && row.RevokedAtMs == null, cancellationToken).ConfigureAwait(false) is { } row
            ? new Caller { Kind = CallerKinds.Submitter, Name = row.Name, Accounts = [row.AccountId], Tenants = Words(row.Tenants) }
            : null;
    }

    private async Task<Caller?> ReadTokenAsync(string hash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<AdminTokenRow>()
            .FirstOrDefaultAsync(row => row.TokenHash == hash && row.RevokedAtMs == null && (row.ExpiresAtMs == null || row.ExpiresAtMs > now), cancellationToken)
            .ConfigureAwait(false) is { } row
            ? new Caller { Kind = CallerKinds.Operator, Name = row.Name, Scopes = Words(row.Scopes) }
            : null;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

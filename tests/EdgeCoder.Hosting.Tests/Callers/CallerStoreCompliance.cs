using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Tests.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Hosting.Tests.Callers;

/// <summary>What every database must do for nonces and credentials.</summary>
public abstract class CallerStoreCompliance : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private StoreUnderTest _store = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = new(await SettingsAsync());

    public virtual ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Nonce_is_taken_once_however_many_ask()
    {
        var nonces = new StoreNonces(_store.Writer);
        var digest = Digest(1);
        var taken = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => nonces.TryTakeAsync(digest, 0, 1, Stop)));
        Assert.Single(taken, true);
        Assert.True(await nonces.TryTakeAsync(Digest(2), 0, 1, Stop));
    }

    [Fact]
    public async Task Pruning_forgets_exactly_what_is_over()
    {
        var nonces = new StoreNonces(_store.Writer);
        foreach (var expires in Enumerable.Range(0, 50))
        {
            await nonces.TryTakeAsync(Digest(expires), 0, expires, Stop);
        }

        await nonces.PruneAsync(20, Stop);
        await nonces.PruneAsync(20, Stop);
        await using var context = _store.Context();
        Assert.Equal(Enumerable.Range(20, 30).Select(n => (long)n), await context.Set<NonceRow>().OrderBy(row => row.ExpiresAtMs).Select(row => row.ExpiresAtMs).ToListAsync(Stop));
    }

    [Fact]
    public async Task Keys_and_tokens_are_found_by_their_text_alone()
    {
        var credentials = Credentials();
        Assert.False(await credentials.HasAdminTokensAsync(Stop));
        var key = await _store.WriteAsync(batch => IssuedSecret.ApiKey(batch, "laptop", "account-1", ["tenant-1"], 1));
        var token = await _store.WriteAsync(batch => IssuedSecret.AdminToken(batch, "anna", ["read"], 1, 1_700_000_001_000));
        Assert.Equal(["account-1"], (await credentials.ApiKeyAsync(key, Stop))!.Accounts);
        Assert.Equal(["read"], (await credentials.AdminTokenAsync(token, Stop))!.Scopes);
        Assert.Null(await credentials.ApiKeyAsync(token, Stop));
        Assert.Null(await credentials.AdminTokenAsync(key, Stop));
        Assert.Null(await credentials.ApiKeyAsync(key + "x", Stop));
        Assert.Null(await credentials.ApiKeyAsync(SecretDigest.Hex(key), Stop));
        Assert.Null(await credentials.ApiKeyAsync("", Stop));
        Assert.True(await credentials.HasAdminTokensAsync(Stop));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await credentials.HasAdminTokensAsync(Stop));
        Assert.Null(await credentials.AdminTokenAsync(token, Stop));
    }

    [Fact]
    public async Task Audit_keeps_every_use()
    {
        var credentials = Credentials();
        var use = new AdminAuditRow { Id = "1", AtMs = 1, Kind = Hosting.Callers.CallerKinds.MeshService, Name = "mesh", Method = "GET", Path = "/ops", Address = "127.0.0.1" };
        await credentials.AuditAsync(use, Stop);
        await using var context = _store.Context();
        Assert.Equivalent(use, Assert.Single(await context.Set<AdminAuditRow>().ToListAsync(Stop)));
    }

    private protected abstract Task<StoreSettings> SettingsAsync();

    private static byte[] Digest(int number) => [.. BitConverter.GetBytes(number), .. new byte[12]];

    private StoredCredentials<SampleContext> Credentials() => new(new Contexts(_store), _store.Writer, _time);

    private sealed class Contexts(StoreUnderTest store) : IDbContextFactory<SampleContext>
    {
        public SampleContext CreateDbContext() => store.Context();
    }
}

public sealed class SqliteCallerStoreTests : CallerStoreCompliance
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    private protected override Task<StoreSettings> SettingsAsync() => Task.FromResult(StoreSettings.InFile(_directory["callers.db"]));
}

public sealed class PostgresCallerStoreTests : CallerStoreCompliance
{
    private protected override async Task<StoreSettings> SettingsAsync() => StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
}

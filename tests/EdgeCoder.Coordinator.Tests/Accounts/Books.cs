using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>The books of a coordinator on a real store.</summary>
internal sealed class Books : IAsyncDisposable
{
    private readonly TemporaryDirectory? _directory;
    private readonly StoreSettings _settings;
    private readonly ServiceProvider _services;

    private Books(StoreSettings settings, TemporaryDirectory? directory) => (_settings, _directory, _services) =
        (settings, directory, new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddStore(settings).BuildServiceProvider());

    public IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public IServiceProvider Services => _services;

    public static async Task<Books> OpenAsync(StoreKind kind = StoreKind.Sqlite)
    {
        if (kind == StoreKind.PostgreSql)
        {
            return new(StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync()), null);
        }

        var directory = new TemporaryDirectory();
        return new(StoreSettings.From(null, directory.Path), directory);
    }

    /// <summary>Another writer of the same store, as of another silo.</summary>
    public Books Another() => new(_settings, null);

    public Task<T> DoAsync<T>(Func<IStoreBatch, T> action) => Writer.WriteAsync(action, TestContext.Current.CancellationToken);

    public Task DoAsync(Action<IStoreBatch> action) => DoAsync(batch =>
    {
        action(batch);
        return true;
    });

    public Task FundAsync(string account, long mc) => DoAsync(batch =>
    {
        TransferBook.Open(batch, account, "user", 0);
        TransferChain.Run(batch, "test", Posted("fund " + account, SystemAccounts.FaucetMint, account, mc));
    });

    public async Task<(long Balance, long Held)> BalanceAsync(string account) => await DoAsync(
        batch => batch.Query("SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE account_id = $1", row => (row.Number(0), row.Number(1)), account)[0]);

    public Task<BookReport> CheckAsync() => ActivatorUtilities.CreateInstance<BookCheck>(_services).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>Balances sum to zero, nobody is negative, counters are what transfers and log say.</summary>
    public async Task AreEvenAsync()
    {
        var report = await CheckAsync();
        Assert.Empty(report.Differences);
        Assert.All(report.Units, unit => Assert.Equal((0, 0), (unit.Balances, unit.Pending)));
        Assert.True(report.Ok);
    }

    public static TransferRow Posted(string key, string debit, string credit, long amount, string unit = "credit", string? chain = null) =>
        Transfer(key, TransferPhases.Posted, debit, credit, amount, unit, chain, null, null, 1);

    public static TransferRow Pending(string key, string debit, string credit, long amount, long? expires = null) =>
        Transfer(key, TransferPhases.Pending, debit, credit, amount, "credit", null, null, expires, 1);

    public static TransferRow Ends(string phase, string key, TransferRow pending, long amount, long nowMs = 2) =>
        Transfer(key, phase, pending.DebitAccountId, pending.CreditAccountId, amount, "credit", null, pending.TransferId, null, nowMs);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory?.Dispose();
    }

    private static TransferRow Transfer(string key, string phase, string debit, string credit, long amount, string unit, string? chain, string? pending, long? expires, long nowMs) => new()
    {
        TransferId = TransferId.Of("test", key),
        ChainId = chain,
        Phase = phase,
        DebitAccountId = debit,
        CreditAccountId = credit,
        Unit = unit,
        Amount = amount,
        PendingId = pending,
        ExpiresAtMs = expires,
        Code = TransferCodes.Adjust,
        Reason = "test",
        CreatedAtMs = nowMs,
    };
}

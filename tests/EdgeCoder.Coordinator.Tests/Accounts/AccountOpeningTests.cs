using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>Credits of the development faucet (<c>FAUCET_ENABLED</c>): for a new account, once, and only where it is open.</summary>
public sealed class AccountOpeningTests : IDisposable
{
    private static readonly Caller Operator = new() { Kind = CallerKinds.Operator, Name = "ops", Scopes = ["*"] };

    private readonly TemporaryDirectory _directory = new();
    private readonly ServiceProvider _services;

    public AccountOpeningTests() => _services = new ServiceCollection().AddLogging().AddStore(StoreSettings.From(null, _directory.Path)).BuildServiceProvider();

    private IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public void Dispose()
    {
        _services.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Open_faucet_gives_a_new_account_its_credits_once_and_the_books_stay_even()
    {
        await OpenAsync(faucet: true, "acct-new", 12.5m);

        Assert.Equal(12_500, await BalanceAsync("acct-new"));
        Assert.Equal(-12_500, await BalanceAsync("mint:faucet"));
        Assert.Equal("account_exists", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync(faucet: true, "acct-new", 1m))).Error);
        Assert.Equal(12_500, await BalanceAsync("acct-new"));
    }

    [Fact]
    public async Task Closed_faucet_opens_nothing_with_credits_and_accounts_without()
    {
        Assert.Equal("faucet_disabled", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync(faucet: false, "acct-new", 1m))).Error);
        Assert.Null(await BalanceAsync("acct-new"));

        await OpenAsync(faucet: false, "acct-new", null);
        Assert.Equal(0, await BalanceAsync("acct-new"));
    }

    private Task<AccountAnswer> OpenAsync(bool faucet, string account, decimal? credits) =>
        new AccountOpening(Writer, new(faucet), TimeProvider.System).OpenAsync(new(account, null, credits), Operator, "127.0.0.1", TestContext.Current.CancellationToken);

    private async Task<long?> BalanceAsync(string account) => await Writer.WriteAsync(
        batch => batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1", row => (long?)row.Number(0), account) is [var balance] ? balance : null,
        TestContext.Current.CancellationToken);
}

using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Lightning;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Lightning;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Payouts;

/// <summary>Sends on a real store with a scripted node, and a clock that the test moves. An account is owed sats. Several on one PostgreSQL database are several silos.</summary>
internal sealed class SendBench : IAsyncDisposable
{
    public const string Account = "acct-worker";
    public const long OwedMsat = 1_000_000_000;
    public static readonly Caller Key = new() { Kind = CallerKinds.Submitter, Name = "key", Accounts = [Account] };
    public static readonly Caller Owner = new() { Kind = CallerKinds.PortalService, Name = "user-ann" };
    public static readonly Caller Operator = new() { Kind = CallerKinds.Operator, Name = "ops-1" };

    private readonly TemporaryDirectory _directory = new();
    private readonly ServiceProvider _services;
    private readonly CoordinatorIdentity _identity;
    private readonly bool _ownsNode;
    private int _challenges;

    private SendBench(StoreSettings? store, ScriptedNode node, bool ownsNode, FakeTimeProvider clock, SendSettings limits, Func<IStoreWriter, IStoreWriter>? wrap)
    {
        (Node, _ownsNode, Clock) = (node, ownsNode, clock);
        _identity = new("coord-1", SigningKey.FromSeed(Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")), "http://127.0.0.1:4301");
        var services = new ServiceCollection().AddLogging().AddStore(store ?? StoreSettings.From(null, _directory.Path));
        services.AddSingleton(_identity);
        services.AddPayments(new PaymentSettings { Sends = limits });
        services.AddSends().AddTreasury(TimeSpan.FromMinutes(2));
        services.AddSingleton(PayerTests.Payer(node));
        services.AddSingleton(new PaymentClock(clock));
        if (wrap is not null)
        {
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SendStore>(provider, wrap(provider.GetRequiredService<IStoreWriter>())));
        }

        _services = services.BuildServiceProvider();
    }

    public ScriptedNode Node { get; }

    public FakeTimeProvider Clock { get; }

    public SendSweep Sweep => _services.GetRequiredService<SendSweep>();

    public IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public CoordinatorIdentity Identity => _identity;

    public IServiceProvider Services => _services;

    private SendDesk Desk => _services.GetRequiredService<SendDesk>();

    public static async Task<SendBench> StartAsync(string kind = "lnd", SendSettings? limits = null, Func<IStoreWriter, IStoreWriter>? wrap = null)
    {
        ScriptedNode node = kind == "lnd" ? new ScriptedLnd() : new ScriptedCln();
        await node.StartAsync();
        var bench = new SendBench(null, node, true, new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)), limits ?? new(), wrap);
        await bench.OpenAsync(Account, "user-ann", OwedMsat);
        return bench;
    }

    public static async Task<(SendBench First, SendBench Second)> TwoSilosAsync(SendSettings? limits = null)
    {
        var store = StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var node = new ScriptedLnd();
        await node.StartAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
        var first = new SendBench(store, node, true, clock, limits ?? new(), null);
        await first.OpenAsync(Account, "user-ann", OwedMsat);
        return (first, new SendBench(store, node, false, clock, limits ?? new(), null));
    }

    public Task OpenAsync(string account, string owner, long owedMsat) => DoAsync(batch =>
    {
        AccountRules.Open(batch, new(account, "Ann", owner), 1);
        TransferChain.Run(batch, "test", new TransferRow
        {
            TransferId = TransferId.Of("test", account),
            Phase = TransferPhases.Posted,
            DebitAccountId = SystemAccounts.SatsExternal,
            CreditAccountId = SystemAccounts.Payable(account),
            Unit = "msat",
            Amount = owedMsat,
            Code = TransferCodes.Payout,
            Reason = "test",
            CreatedAtMs = 1,
        });
        return true;
    });

    /// <summary>An invoice of somebody out there, for an hour from now.</summary>
    public (string Text, string Hash) Invoice(long sats) => OutgoingInvoice.New(sats, Clock.GetUtcNow().ToUnixTimeSeconds());

    public Task<WalletSendRow> AskAsync(string destination, long sats, long? maxFee = null, string account = Account) => DoAsync(
        batch => Desk.Ask(batch, account, new(destination, sats, maxFee), new() { Kind = CallerKinds.Submitter, Name = "key", Accounts = [account] }, Guid.NewGuid().ToString()));

    public Task<WalletSendRow> AskAsync(long sats) => AskAsync(Invoice(sats).Text, sats);

    public Task<WalletSendRow> ConfirmAsync(WalletSendRow row, string? challenge = null, Caller? owner = null, SendConfirmation? confirmation = null) => DoAsync(
        batch => Desk.Confirm(
            batch, row.AccountId, row.RequestId, confirmation ?? new(row.Destination, row.AmountSats, row.FeeCapSats, challenge ?? $"challenge-{Interlocked.Increment(ref _challenges)}-{row.RequestId}"), owner ?? Owner));

    public async Task<WalletSendRow> ApprovedAsync(long sats) => await ConfirmAsync(await AskAsync(sats));

    public Task<WalletSendRow> ReviewAsync(WalletSendRow row, string decision, Caller? caller = null) => DoAsync(batch => Desk.Review(batch, row.RequestId, new(decision, "the payee is known"), caller ?? Operator));

    public Task<WalletSendRow> CancelAsync(WalletSendRow row) => DoAsync(batch => Desk.Cancel(batch, row.AccountId, row.RequestId, Key));

    public Task<WalletSendRow> FindAsync(WalletSendRow row) => DoAsync(batch => SendRows.Find(batch, row.RequestId));

    public Task SweepAsync() => Sweep.RunAsync(TestContext.Current.CancellationToken);

    /// <summary>What the account is owed and what of it is held, in msat.</summary>
    public Task<(long Balance, long Held)> OwedAsync(string account = Account) => DoAsync(batch => batch.Query(
        "SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE account_id = $1", row => (row.Number(0), row.Number(1)), SystemAccounts.Payable(account)).Single());

    /// <summary>Whether counters, transfers and leaves say the same.</summary>
    public async Task<bool> IsEvenAsync() =>
        (await new BookCheck(_services.GetRequiredService<IDbContextFactory<CoordinatorContext>>()).RunAsync(TestContext.Current.CancellationToken)) is { Ok: true, Differences: [] };

    public Task<T> DoAsync<T>(Func<IStoreBatch, T> action) => Writer.WriteAsync(action, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _identity.Dispose();
        _directory.Dispose();
        if (_ownsNode)
        {
            await Node.DisposeAsync();
        }
    }
}

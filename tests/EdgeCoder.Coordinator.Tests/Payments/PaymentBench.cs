using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.Lightning;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Lightning;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Payments;

/// <summary>Purchases on a real store with a scripted node, and a clock that the test moves. Several of them on one PostgreSQL database are several silos.</summary>
internal sealed class PaymentBench : IAsyncDisposable
{
    public const string Account = "acct-buyer";
    public static readonly Caller Buyer = new() { Kind = CallerKinds.Submitter, Name = "key", Accounts = [Account] };

    private readonly TemporaryDirectory _directory = new();
    private readonly ServiceProvider _services;
    private readonly CoordinatorIdentity _identity;
    private readonly bool _ownsNode;

    private PaymentBench(StoreSettings? store, ScriptedNode node, bool ownsNode, FakeTimeProvider clock, Func<IStoreWriter, IStoreWriter>? wrap, int feeBps = 150, bool payouts = false)
    {
        (Node, _ownsNode, Clock) = (node, ownsNode, clock);
        _identity = new("coord-1", SigningKey.FromSeed(Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")), "http://127.0.0.1:4301");
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddStore(store ?? StoreSettings.From(null, _directory.Path));
        services.AddSingleton(_identity);
        services.AddPayments(new PaymentSettings { Lightning = new LightningSettings { Provider = LightningSettings.None }, FeeBps = feeBps, Payouts = new() { Enabled = payouts } });
        services.AddSends().AddSingleton<PayoutGate>(_ => Task.FromResult(MayPayOut));
        services.AddSingleton(ProviderTests.Provider(node));
        services.AddSingleton(new PaymentClock(clock));
        if (wrap is not null)
        {
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<IntentStore>(provider, wrap(provider.GetRequiredService<IStoreWriter>())));
        }

        _services = services.BuildServiceProvider();
    }

    public ScriptedNode Node { get; }

    public ScriptedLnd Lnd => (ScriptedLnd)Node;

    public FakeTimeProvider Clock { get; }

    /// <summary>What phase 3 of the statistics ledger says of payouts.</summary>
    public bool MayPayOut { get; set; } = true;

    public PaymentDesk Desk => _services.GetRequiredService<PaymentDesk>();

    public PayoutKeeper Keeper => _services.GetRequiredService<PayoutKeeper>();

    public PaymentSweep Sweep => _services.GetRequiredService<PaymentSweep>();

    public VerifyingKey Key => _identity.Key.PublicKey;

    public IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public static async Task<PaymentBench> StartAsync(StoreKind kind = StoreKind.Sqlite, ScriptedNode? node = null, Func<IStoreWriter, IStoreWriter>? wrap = null, int feeBps = 150, bool payouts = false)
    {
        var store = kind == StoreKind.Sqlite ? null : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        return await StartAsync(store, node, wrap, feeBps, payouts);
    }

    public static async Task<(PaymentBench First, PaymentBench Second)> TwoSilosAsync()
    {
        var store = StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var first = await StartAsync(store, null, null);
        return (first, new PaymentBench(store, first.Node, ownsNode: false, first.Clock, null));
    }

    /// <summary>A purchase of 10,000 sats.</summary>
    public Task<PaymentIntentRow> BuyAsync(long sats = 10_000, string? key = null) => Desk.CreateAsync(new(Account, null, sats), key, Buyer, TestContext.Current.CancellationToken);

    public Task<PaymentIntentRow> FindAsync(PaymentIntentRow intent) => Desk.FindAsync(intent.IntentId, Buyer, TestContext.Current.CancellationToken);

    public Task<PaymentIntentRow> ConfirmAsync(PaymentIntentRow intent) => Desk.ConfirmAsync(intent.IntentId, Buyer, TestContext.Current.CancellationToken);

    public async Task<InquiryOutcome> HintAsync(PaymentIntentRow intent) => (await Desk.HintAsync(new(intent.InvoiceRef, true, "anything"), TestContext.Current.CancellationToken)).Outcome;

    /// <summary>What the books hold of purchases: minted credits, msat outside, net and fee, rows of transfers, fee events and log events.</summary>
    public Task<Books> BooksAsync() => Writer.WriteAsync(
        batch => new Books(
            Balance(batch, Account),
            Balance(batch, "mint:purchases"),
            Balance(batch, "sats:external"),
            Balance(batch, "sats:net:coord-1"),
            Balance(batch, "coordinator-fee:default"),
            Count(batch, "SELECT count(*) FROM transfers WHERE amount > $1"),
            Count(batch, "SELECT count(*) FROM coordinator_fee_events WHERE fee_sats > $1"),
            Count(batch, "SELECT count(*) FROM log_events WHERE at_ms > $1 AND event_type = 'credit_transfer'")),
        TestContext.Current.CancellationToken);

    /// <summary>Whether counters, transfers and leaves say the same.</summary>
    public async Task<bool> IsEvenAsync() =>
        (await new BookCheck(_services.GetRequiredService<IDbContextFactory<CoordinatorContext>>()).RunAsync(TestContext.Current.CancellationToken)) is { Ok: true, Differences: [] };

    public Task<long> EarnedAsync() => Writer.WriteAsync(batch => batch.Query("SELECT earned FROM accounts WHERE account_id = $1", row => row.Number(0), Account).Single(), TestContext.Current.CancellationToken);

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

    private static async Task<PaymentBench> StartAsync(StoreSettings? store, ScriptedNode? node, Func<IStoreWriter, IStoreWriter>? wrap, int feeBps = 150, bool payouts = false)
    {
        if (node is null)
        {
            node = new ScriptedLnd();
            await node.StartAsync();
        }

        var bench = new PaymentBench(store, node, ownsNode: true, new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)), wrap, feeBps, payouts);
        await bench.Writer.WriteAsync(
            batch =>
            {
                TransferBook.Open(batch, Account, "user", 1);
                TransferBook.Open(batch, "acct-other", "user", 1);
                return true;
            },
            TestContext.Current.CancellationToken);
        return bench;
    }

    private static long Balance(IStoreBatch batch, string account) =>
        batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1", row => row.Number(0), account) is [var balance] ? balance : 0;

    private static long Count(IStoreBatch batch, string sql) => batch.Query(sql, row => row.Number(0), 0L).Single();
}

/// <summary>The books.</summary>
internal sealed record Books(long Buyer, long Minted, long Outside, long Net, long Fee, long Transfers, long FeeEvents, long Leaves)
{
    /// <summary>Before any purchase is settled.</summary>
    public static readonly Books Empty = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>After one of 10,000 sats at 150 basis points and 30 sats for a credit (economy-and-ledger 21.1).</summary>
    public static readonly Books One = new(328_333, -328_333, -10_000_000, 9_850_000, 150_000, 3, 1, 3);
}

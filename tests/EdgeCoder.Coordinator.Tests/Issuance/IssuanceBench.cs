using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.OperatorAudit;
using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Prices;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Manifests;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Issuance;

/// <summary>A coordinator's log, books and issuance on a real store, with the load of the specification's example and a clock that the test moves.</summary>
internal sealed class IssuanceBench : IAsyncDisposable
{
    /// <summary>End of the slot that is over when a bench begins.</summary>
    public const long SlotEnd = 1_700_002_800_000;
    public const long Slot = 3_600_000;

    private readonly TemporaryDirectory _directory;
    private readonly CoordinatorIdentity _identity;
    private readonly ServiceProvider _services;
    private readonly bool _owner;

    private IssuanceBench(string peerId, byte seed, TemporaryDirectory directory, StoreSettings store, FakeTimeProvider clock, bool owner, IReadOnlyList<string>? approved, AnchorSettings? anchors, int slopeBps, LedgerPhase phase)
    {
        (_directory, Store, Clock, Seed, _owner) = (directory, store, clock, seed, owner);
        _identity = Identified(peerId, seed, directory);
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddSingleton(_identity).AddPeers(new());
        services.AddStore(store).AddPayments(new PaymentSettings());
        services.AddAnchors(anchors ?? new()).AddSingleton<LoadNow>(_ => Task.FromResult(new PriceFigures(10, 3, Queued, 8)));
        services.AddLog(new() { Directory = Path.Combine(directory.Path, "ledger"), CheckpointInterval = TimeSpan.Zero });
        var issuance = new IssuanceSettings { ApprovedCoordinatorIds = approved };
        _services = services.AddStatistics(new() { Phase = phase }).AddModelManifests(ModelSources.Default).AddAuditHeads()
            .AddIssuance(new IssuanceSettings { ApprovedCoordinatorIds = approved, Terms = issuance.Terms with { Pool = issuance.Terms.Pool with { SlopeBps = slopeBps } } }).BuildServiceProvider();
    }

    public StoreSettings Store { get; }

    public FakeTimeProvider Clock { get; }

    public byte Seed { get; }

    public long Queued { get; set; } = 40;

    public string PeerId => _identity.PeerId;

    public CoordinatorIdentity Identity => _identity;

    public IServiceProvider Services => _services;

    public IStoreWriter Writer => Get<IStoreWriter>();

    public IssuanceDesk Desk => Get<IssuanceDesk>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A new one, a second after the end of the slot before it.</summary>
    public static async Task<IssuanceBench> StartAsync(
        StoreKind kind = StoreKind.Sqlite, string peerId = "coord-1", byte seed = 0, FakeTimeProvider? clock = null, IReadOnlyList<string>? approved = null, AnchorSettings? anchors = null, int slopeBps = 3_500,
        LedgerPhase phase = LedgerPhase.Shadow)
    {
        var directory = new TemporaryDirectory();
        var store = kind == StoreKind.Sqlite ? StoreSettings.From(null, directory.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var bench = new IssuanceBench(peerId, seed, directory, store, clock ?? new(DateTimeOffset.FromUnixTimeMilliseconds(SlotEnd - Slot + 1_000)), true, approved, anchors, slopeBps, phase);
        await bench.OpenAsync();
        return bench;
    }

    /// <summary>Another process of the same store.</summary>
    public async Task<IssuanceBench> AgainAsync()
    {
        var again = new IssuanceBench(PeerId, Seed, _directory, Store, Clock, false, null, null, 3_500, LedgerPhase.Shadow) { Queued = Queued };
        await again.OpenAsync();
        return again;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<T> DoAsync<T>(Func<IStoreBatch, T> action) => Writer.WriteAsync(action, Stop);

    /// <summary>A paid lease, in the books' reports and in the log.</summary>
    public async Task WorkAsync(string account, long weightMicro, bool verified = true, bool sameOwner = false, bool open = true)
    {
        var (id, nowMs) = (Guid.NewGuid().ToString(), Clock.GetUtcNow().ToUnixTimeMilliseconds());
        await DoAsync(batch =>
        {
            if (open)
            {
                TransferBook.Open(batch, account, "user", nowMs);
            }

            return ContributionReports.Add(
                batch,
                new()
                {
                    ReportId = id, AgentId = "worker-" + account, TaskId = "t-1", AccountId = account, PayerAccountId = "acct-payer", ResourceClass = ResourceClass.Cpu, LeaseMs = 1_000, Verified = verified,
                    QualityBps = 10_000, SameOwner = sameOwner, PaidMc = 1_000, WeightMicro = weightMicro, TimestampMs = nowMs,
                },
                new("s-1", 10_000, 10_000, "86b906997608dcad2b653d3f0a4ab010"));
        });
        await SettleAsync();
    }

    /// <summary>Work of the specification's example.</summary>
    public async Task ExampleAsync()
    {
        await WorkAsync("A", 60_000_000);
        await WorkAsync("B", 30_500_000);
        await WorkAsync("C", 9_250_000);
    }

    public void ToSlotEnd(int slots = 1) => Clock.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(SlotEnd + ((slots - 1) * Slot) + 1_000));

    public async Task TickAsync()
    {
        await Get<IssuanceKeeper>().TickAsync(Stop);
        await SettleAsync();
    }

    public Task SettleAsync() => Get<LogKeeper>().SettleAsync(Stop);

    public Task<long> BalanceAsync(string account) => DoAsync(
        batch => batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1", row => row.Number(0), account) is [var balance] ? balance : 0);

    public async Task<(long A, long B, long C, long Mint, long Transfers)> BooksAsync() =>
        (await BalanceAsync("A"), await BalanceAsync("B"), await BalanceAsync("C"), await BalanceAsync("mint:issuance"), await CountAsync("SELECT count(*) FROM transfers"));

    public Task<long> CountAsync(string sql) => DoAsync(batch => batch.Query(sql, row => row.Number(0)).Single());

    public Task<IReadOnlyList<SignedQuorumRecord>> RecordsAsync(string epochId = "ep-1700002800000") => DoAsync(batch => QuorumBook.Of(batch, epochId));

    public async Task<List<RecordLeaf>> LeavesAsync()
    {
        await using var context = Get<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        var rows = await context.Set<LogLeafRow>().OrderBy(row => row.Sequence).Select(row => row.Leaf).ToListAsync(Stop);
        return rows.ConvertAll(row => RecordLeaf.TryRead(row, out var leaf) is null ? leaf! : throw new InvalidDataException());
    }

    /// <summary>Pins the ids and keys of others, as an operator does.</summary>
    public Task ApproveAsync(IEnumerable<IssuanceBench> others) => DoAsync(batch =>
    {
        foreach (var other in others)
        {
            batch.Insert(new PeerRow { PeerId = other.PeerId, CoordinatorUrl = "http://127.0.0.1:1", NetworkMode = "public_mesh", Status = PeerStatus.Active, ApprovedBy = "op-1", ApprovedAtMs = 1 });
            batch.Insert(new PeerKeyRow { PeerId = other.PeerId, KeyId = other.Identity.Key.PublicKey.KeyId, PublicKeyPem = other.Identity.Key.PublicKey.Pem, FromMs = 0 });
        }

        return true;
    });

    /// <summary>Is left without peers.</summary>
    public Task ForgetAsync() => DoAsync(batch => batch.Execute("DELETE FROM peers"));

    /// <summary>Keeps the log of another up to its newest checkpoint, as the exchange between peers does.</summary>
    public async Task KeepLogOfAsync(IssuanceBench other)
    {
        await other.SettleAsync();
        var leaves = await other.LeavesAsync();
        await DoAsync(batch =>
        {
            var kept = batch.Query("SELECT size FROM log_mirrors WHERE source = $1", row => row.Number(0), other.PeerId) is [var size] ? size : 0;
            batch.Execute("DELETE FROM log_mirrors WHERE source = $1", other.PeerId);
            batch.Insert(new LogMirrorRow
            {
                Source = other.PeerId, Size = leaves.Count, Hash = leaves[^1].Hash, IssuedAtMs = leaves[^1].Record.IssuedAtMs, Frontier = [], CheckpointSize = leaves.Count, Note = "", SeenAtMs = Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            });
            foreach (var leaf in leaves.Skip((int)kept))
            {
                batch.Insert(new MirrorLeafRow { Source = other.PeerId, Sequence = leaf.Record.Sequence, Hash = leaf.Hash, Leaf = leaf.Bytes });
            }

            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Get<LogKeeper>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _identity.Dispose();
        if (_owner)
        {
            _directory.Dispose();
        }
    }

    // From a key folder, as a coordinator has it: its key can be changed.
    private static CoordinatorIdentity Identified(string peerId, byte seed, TemporaryDirectory directory)
    {
        var keys = new KeyFolder(directory.Path);
        if (keys.OwnerOf("coordinator") is null)
        {
            using var first = SigningKey.FromSeed([.. Enumerable.Range(seed, 32).Select(n => (byte)n)]);
            keys.SigningKey("coordinator", peerId, first.ToPem()).Dispose();
        }

        return CoordinatorIdentity.Load(keys, "http://127.0.0.1:4301", peerId);
    }

    private async Task OpenAsync()
    {
        await DoAsync(_ => true);
        await Get<LogKeeper>().StartAsync(Stop);
        await SettleAsync();
    }
}

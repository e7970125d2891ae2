using System.Reflection;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>A log on a real store. The clock is the test's, so that nothing is appended but by <see cref="SettleAsync"/>.</summary>
internal sealed class RunningLog : IAsyncDisposable
{
    public const string Peer = "coord-test";
    private readonly TemporaryDirectory _directory;
    private readonly ServiceProvider _services;
    private readonly bool _owner;

    private RunningLog(TemporaryDirectory directory, StoreSettings store, SigningKey key, bool owner, Action<LogStep>? at, TimeProvider? time, string? keyFolder = null, KeyOptions? keys = null, bool shared = false)
    {
        (_directory, Store, Key, _owner) = (directory, store, key, owner);
        var services = new ServiceCollection().AddLogging();
        Time = time ?? new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        services.AddSingleton(Time);

        // The key folder is made with the key of the test; another key than the first is another coordinator's folder.
        var folder = new KeyFolder(keyFolder ?? directory.Path);
        if (folder.OwnerOf("coordinator") is null)
        {
            folder.SigningKey("coordinator", Peer, key.ToPem()).Dispose();
        }

        services.AddSingleton(CoordinatorIdentity.Load(folder, "http://127.0.0.1:4301", Peer));
        services.AddSingleton(keys ?? new KeyOptions());
        if (shared)
        {
            services.AddSingleton(DispatchProxy.Create<IGrainFactory, NoGrains>());
        }

        _services = services.AddStore(store).AddPeers(new()).AddLog(new() { Directory = Path.Combine(directory.Path, "ledger"), At = at ?? (_ => { }), Shared = shared }).BuildServiceProvider();
    }

    public StoreSettings Store { get; }

    public SigningKey Key { get; }

    public TimeProvider Time { get; }

    public string Directory => _directory.Path;

    public CoordinatorIdentity Identity => _services.GetRequiredService<CoordinatorIdentity>();

    public string Folder => Path.Combine(_directory.Path, "ledger");

    public LogKeeper Keeper => _services.GetRequiredService<LogKeeper>();

    public LogProofs Proofs => _services.GetRequiredService<LogProofs>();

    public IStoreWriter Writer => _services.GetRequiredService<IStoreWriter>();

    public IServiceProvider Services => _services;

    public TrustedKeys Trust => new([NoteKey.Of(Checkpoint.OriginOf(Peer), NoteKeyType.Ed25519, Key.PublicKey)], 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A new, empty log that is open.</summary>
    public static async Task<RunningLog> StartAsync(StoreKind kind = StoreKind.Sqlite, Action<LogStep>? at = null, TimeProvider? time = null, SigningKey? key = null, KeyOptions? keys = null, bool shared = false)
    {
        var directory = new TemporaryDirectory();
        var store = kind == StoreKind.Sqlite ? StoreSettings.From(null, directory.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var log = new RunningLog(directory, store, key is null ? SigningKey.Generate() : SigningKey.FromPem(key.ToPem()), owner: true, at, time, keys: keys, shared: shared);
        await log.OpenAsync();
        return log;
    }

    /// <summary>The same store and files with another process's parts, which are not open yet; this one is to be left alone then, or is another silo.</summary>
    public RunningLog Again(SigningKey? key = null, Action<LogStep>? at = null, KeyOptions? keys = null, bool shared = false) =>
        new(_directory, Store, key ?? Key, owner: false, at, Time, key is null ? null : Path.Combine(_directory.Path, key.PublicKey.KeyId), keys, shared);

    /// <summary>A grain factory of a silo whose other silos are not there.</summary>
    public class NoGrains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new TimeoutException("There is no other silo.");
    }

    public async Task OpenAsync()
    {
        // A host makes the tables before it starts its services.
        await Writer.WriteAsync(_ => true, Stop);
        await Keeper.StartAsync(Stop);
    }

    public Task SettleAsync() => Keeper.SettleAsync(Stop);

    /// <summary>Writes so many events, one transaction each time this is called.</summary>
    public Task WriteAsync(int count, string task = "t-1") => Writer.WriteAsync(
        batch =>
        {
            for (var n = 0; n < count; n++)
            {
                LogOutbox.Append(batch, RecordTypes.TaskClaim, task, $"s-{n}", "worker-a", null, n);
            }

            return true;
        },
        Stop);

    public async Task<List<RecordLeaf>> LeavesAsync()
    {
        await using var context = _services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        var rows = await context.Set<LogLeafRow>().OrderBy(row => row.Sequence).Select(row => row.Leaf).ToListAsync(Stop);
        return rows.ConvertAll(row => RecordLeaf.TryRead(row, out var leaf) is null ? leaf! : throw new InvalidDataException());
    }

    public Task<long> CountAsync(string sql) => Writer.WriteAsync(batch => batch.Query(sql, row => row.Number(0))[0], Stop);

    /// <summary>The files of the log as whoever has them checks them.</summary>
    public LogVerdict Check() => LogVerifier.Check(new(Folder), Trust, null, Stop);

    public Task ApproveAsync(string peerId, VerifyingKey key) => _services.GetRequiredService<PeerDesk>().ApproveAsync(new(peerId, key.Pem, "https://peer.example", null, null), "op-1", Stop);

    public async ValueTask DisposeAsync()
    {
        await Keeper.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        if (_owner)
        {
            Key.Dispose();
            _directory.Dispose();
        }
    }
}

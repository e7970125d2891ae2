using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Witnesses;

/// <summary>A coordinator as far as its log and its peers go: real store, real Kestrel, real signatures. Nothing happens but what the test asks for.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private readonly TestNetwork _network;
    private readonly FakeTimeProvider _time;
    private readonly TemporaryDirectory _directory = new();
    private WebApplication? _app;

    private RunningPeer(TestNetwork network, FakeTimeProvider time, string id, SigningKey? key)
    {
        (_network, _time, Id) = (network, time, id);
        Key = key is null ? SigningKey.Generate() : SigningKey.FromPem(key.ToPem());
    }

    public string Id { get; }

    public SigningKey Key { get; }

    public Action<ExchangeStep> At { get; set; } = _ => { };

    public IServiceProvider Services => _app!.Services;

    public CoordinatorIdentity Identity => Services.GetRequiredService<CoordinatorIdentity>();

    public LogHold Hold => Services.GetRequiredService<LogHold>();

    public LogProofs Proofs => Services.GetRequiredService<LogProofs>();

    public LogKeeper Keeper => Services.GetRequiredService<LogKeeper>();

    public IStoreWriter Writer => Services.GetRequiredService<IStoreWriter>();

    public MirrorReading Reading => Services.GetRequiredService<MirrorReading>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RunningPeer> StartAsync(TestNetwork network, FakeTimeProvider time, string id, SigningKey? key = null)
    {
        var peer = new RunningPeer(network, time, id, key);
        await peer.StartAsync();
        return peer;
    }

    /// <summary>Several that have approved each other.</summary>
    public static async Task<RunningPeer[]> FederationAsync(TestNetwork network, FakeTimeProvider time, params string[] ids)
    {
        var all = new List<RunningPeer>();
        foreach (var id in ids)
        {
            all.Add(await StartAsync(network, time, id));
        }

        foreach (var one in all)
        {
            foreach (var other in all.Where(other => other != one))
            {
                await one.ApproveAsync(other);
            }

            await one.Keeper.SettleAsync(Stop);
        }

        return [.. all];
    }

    public async Task StartAsync()
    {
        var builder = ListenerExtensions.CreateRoleBuilder(ListenerSettings.Loopback(0));
        builder.Services.AddSingleton<TimeProvider>(_time);
        var keys = new KeyFolder(_directory["store"]);
        if (keys.OwnerOf("coordinator") is null)
        {
            keys.SigningKey("coordinator", Id, Key.ToPem()).Dispose();
        }

        builder.Services.AddSingleton(CoordinatorIdentity.Load(keys, TestNetwork.UrlOf(Id), Id));
        builder.Services.AddStore(StoreSettings.From(null, _directory["store"]));
        builder.Services.AddCallers<CoordinatorContext>(new SignatureAudience(Id), CredentialOptions.From(null, null, null), new());
        builder.Services.AddPeers(new PeerOptions { Handler = _network.Handler, At = step => At(step) });
        builder.Services.AddLog(new() { Directory = _directory["store/ledger"] });

        var anchors = _network.Anchors(Id);
        if (anchors is not null)
        {
            builder.Services.AddAnchors(anchors).AddAnchorSets().AddSingleton(new IssuanceSettings()).AddSingleton<QuorumMembers>();
        }

        // A route of the log asks for it; nobody calls that route here.
        builder.Services.AddSingleton<TaskViews>();

        // The log and the exchange run when the test says so.
        foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.Module.Assembly == typeof(LogKeeper).Assembly).ToList())
        {
            builder.Services.Remove(service);
        }

        _app = builder.Build();
        _app.UseProblems(NullLogger.Instance);
        _app.UseRouting();
        _app.UseCallers();
        _app.MapIdentity("public_mesh");
        _app.MapPeerKeys();
        _app.MapLedger(publicRead: false);
        _app.MapMirrors(publicRead: false);
        if (anchors is not null)
        {
            _app.MapAnchors(publicRead: false);
        }

        await _app.StartAsync(Stop);
        _network.Set(Id, _app.ListensOn()[0]);
        await Writer.WriteAsync(_ => true, Stop);
        await Keeper.StartAsync(Stop);
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await Keeper.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>A copy of everything that it has on disk.</summary>
    public async Task<TemporaryDirectory> BackUpAsync()
    {
        await StopAsync();
        var copy = new TemporaryDirectory();
        Copy(_directory["store"], copy["store"]);
        await StartAsync();
        return copy;
    }

    /// <summary>Puts a copy in the place of what it has, as an operator does after a lost disk. It is not started.</summary>
    public async Task RestoreAsync(TemporaryDirectory copy)
    {
        await StopAsync();
        Directory.Delete(_directory["store"], recursive: true);
        Copy(copy["store"], _directory["store"]);
    }

    /// <summary>Its key folder as it is now.</summary>
    public Task<byte[]> KeysAsync() => File.ReadAllBytesAsync(_directory["store/keys/coordinator.key"], Stop);

    /// <summary>Puts a key folder in the place of the one that it has, while it is stopped.</summary>
    public Task PutKeysAsync(byte[] file) => File.WriteAllBytesAsync(_directory["store/keys/coordinator.key"], file, Stop);

    public Task ApproveAsync(RunningPeer other) => Services.GetRequiredService<PeerDesk>().ApproveAsync(new(other.Id, other.Identity.Key.PublicKey.Pem, TestNetwork.UrlOf(other.Id), null, null), "op-1", Stop);

    /// <summary>Writes so many events and makes leaves and a checkpoint of them.</summary>
    public async Task GrowAsync(int count, string task = "t-1")
    {
        await TellAsync(count, task);
        await Keeper.SettleAsync(Stop);
    }

    /// <summary>Writes so many events.</summary>
    public Task TellAsync(int count, string task = "t-1") => Writer.WriteAsync(
        batch =>
        {
            for (var n = 0; n < count; n++)
            {
                LogOutbox.Append(batch, RecordTypes.TaskClaim, task, $"s-{n}", "worker-a", null, n);
            }

            return true;
        },
        Stop);

    /// <summary>Changes its key and puts that into its log.</summary>
    public async Task RotateAsync()
    {
        await Services.GetRequiredService<KeyRotation>().AskedAsync(new("planned"), "op-1", Stop);
        await Keeper.SettleAsync(Stop);
    }

    public Task ExchangeAsync() => Services.GetRequiredService<PeerExchange>().RunAsync(Stop);

    public Task<long> CountAsync(string sql) => Writer.WriteAsync(batch => batch.Query(sql, row => row.Number(0))[0], Stop);

    public Task<string> TextAsync(string sql) => Writer.WriteAsync(batch => batch.Query(sql, row => row.IsNull(0) ? "" : row.Text(0))[0], Stop);

    public Task<EquivocationList> EvidenceAsync() => Services.GetRequiredService<LogEquivocations>().ListAsync(Stop);

    /// <summary>The newest checkpoint with its cosignatures.</summary>
    public async Task<(SignedNote Note, Checkpoint Checkpoint)> CheckpointAsync() =>
        SignedNote.TryParse(await Proofs.CheckpointAsync(Stop), out var note) && Checkpoint.TryParse(note.Text, out var checkpoint) ? (note, checkpoint) : throw new InvalidDataException();

    /// <summary>The files of its log as whoever has them checks them.</summary>
    public LogVerdict Check(params NoteKey[] trust) => LogVerifier.Check(new(_directory["store/ledger"]), new(trust, 0), null, Stop);

    /// <summary>The leaves of its own log.</summary>
    public async Task<List<byte[]>> LeavesAsync()
    {
        await using var context = Services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        return await context.Set<LogLeafRow>().OrderBy(row => row.Sequence).Select(row => row.Leaf).ToListAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Key.Dispose();
        _directory.Dispose();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}

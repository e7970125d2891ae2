using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.TestKit.Bitcoin;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using EdgeCoder.TestKit.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Anchors;

/// <summary>
/// Anchors over a real store, with their routes on a real port, before a scripted node, an anchor proxy in front of it, and a scripted explorer. Steps and clock are the test's.
/// </summary>
internal sealed class AnchorHost : IAsyncDisposable
{
    private const string Token = "token-of-the-anchor-proxy-0123456789-abc";

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new();
    private WebApplication? _app;
    private AnchorProxyRole? _proxy;

    private AnchorHost(ScriptedBitcoind node, ScriptedEsplora explorer) => (Node, Explorer) = (node, explorer);

    public ScriptedBitcoind Node { get; }

    public ScriptedEsplora Explorer { get; }

    public ScriptedChain Chain => Node.Chain;

    public ScriptedCheckpoints Checkpoints { get; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    public AnchorKeeper Keeper => _app!.Services.GetRequiredService<AnchorKeeper>();

    public AnchorStore Store => _app!.Services.GetRequiredService<AnchorStore>();

    public AnchorDesk Desk => _app!.Services.GetRequiredService<AnchorDesk>();

    public ReceiptAnchors Receipts => _app!.Services.GetRequiredService<ReceiptAnchors>();

    public static async Task<AnchorHost> StartAsync(
        AnchorProviderKind provider = AnchorProviderKind.Bitcoind, bool explorer = false, int confirmations = 1, StoreKind kind = StoreKind.Sqlite, string network = "signet")
    {
        var chain = new ScriptedChain(BitcoinNetwork.Signet.Genesis, 100_000, 90_000);
        var host = new AnchorHost(await ScriptedBitcoind.StartAsync(chain), await ScriptedEsplora.StartAsync(chain));
        if (provider == AnchorProviderKind.AnchorProxy)
        {
            host._proxy = await AnchorProxyRole.StartAsync(
                new()
                {
                    Listener = ListenerSettings.Loopback(0),
                    DataDirectory = host._directory["proxy"],
                    Token = Token,
                    Bitcoind = new() { Url = host.Node.Address, User = ScriptedBitcoind.User, Password = ScriptedBitcoind.Password, Wallet = ScriptedBitcoind.Wallet, Network = BitcoinNetwork.Signet },
                },
                host.Time,
                TestContext.Current.CancellationToken);
        }

        var ours = BitcoinNetwork.Of(network);
        var settings = new AnchorSettings
        {
            Provider = provider,
            Network = ours,
            MinConfirmations = confirmations,
            Bitcoind = new() { Url = host.Node.Address, User = ScriptedBitcoind.User, Password = ScriptedBitcoind.Password, Wallet = ScriptedBitcoind.Wallet, Network = ours },
            Proxy = host._proxy is null ? null : new(host._proxy.Url, Token),
            Esplora = explorer || provider == AnchorProviderKind.Esplora ? host.Explorer.Address : null,
        };
        var builder = LoopbackApp.NewBuilder(host.Time);
        builder.Services.AddStore(kind == StoreKind.Sqlite ? StoreSettings.InFile(host._directory["coordinator.db"]) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync()));
        builder.Services.AddSingleton<IAnchorCheckpoints>(host.Checkpoints);
        builder.Services.AddAnchors(settings);
        if (provider != AnchorProviderKind.None)
        {
            // Steps are the test's.
            builder.Services.Remove(builder.Services.Last(service => service.ServiceType == typeof(IHostedService)));
        }

        host._app = builder.Build();
        host._app.UseProblems(NullLogger.Instance);
        host._app.UseRouting();
        host._app.Use(async (context, next) =>
        {
            // Credentials have tests of their own.
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            context.Features.Set(new Caller { Kind = CallerKinds.Operator, Name = "test" });
            context.Features.Set(new ReceivedBody(body.ToArray()));
            await next();
        });
        host._app.MapAnchors(publicRead: false);
        await host._app.StartAsync();
        return host;
    }

    /// <summary>A round; its row.</summary>
    public async Task<AnchorRecordRow> RoundAsync(string kind = AnchorKinds.Stats) => (await Keeper.RoundAsync(kind, null, TestContext.Current.CancellationToken))!;

    /// <summary>The time of a poll goes by, and what is due is done.</summary>
    public async Task PollAsync(AnchorKeeper? keeper = null)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        await (keeper ?? Keeper).WorkOnceAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A round until its transaction is in a block and seen there.</summary>
    public async Task<AnchorRecordRow> AnchorAsync()
    {
        await RoundAsync();
        await PollAsync();
        Chain.Mine();
        await PollAsync();
        return await RowAsync();
    }

    /// <summary>The newest row of a kind.</summary>
    public async Task<AnchorRecordRow> RowAsync(string kind = AnchorKinds.Stats) => (await Store.NewestAsync(kind, "signet", 1, TestContext.Current.CancellationToken)).Single();

    /// <summary>Another silo over the same store.</summary>
    public AnchorKeeper OtherSilo() => ActivatorUtilities.CreateInstance<AnchorKeeper>(_app!.Services);

    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(new Uri(_app!.Urls.Single()), path)) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        await Explorer.DisposeAsync();
        await Node.DisposeAsync();
        _http.Dispose();
        _directory.Dispose();
    }
}

/// <summary>Checkpoints of a log that the test grows.</summary>
internal sealed class ScriptedCheckpoints : IAnchorCheckpoints
{
    private readonly List<bool> _anchorSets = [false, false, false];

    /// <summary>Hash of a checkpoint.</summary>
    public static string HashOf(long height) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(height)));

    /// <summary>A record.</summary>
    public void Grow(bool anchorSet = false) => _anchorSets.Add(anchorSet);

    /// <summary>No checkpoint at all.</summary>
    public void Clear() => _anchorSets.Clear();

    /// <inheritdoc/>
    public Task<AnchorCheckpoint?> NewestAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_anchorSets.Count == 0 ? null : new AnchorCheckpoint(HashOf(_anchorSets.Count), _anchorSets.Count));

    /// <inheritdoc/>
    public Task<bool> HasGrownAsync(long above, long upTo, CancellationToken cancellationToken) => Task.FromResult(_anchorSets[(int)above..(int)upTo].Contains(false));
}

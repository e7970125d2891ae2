using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;
using EdgeCoder.TestKit.Bitcoin;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.AnchorProxy.Tests.Composition;

/// <summary>A proxy on a real port before a scripted node; it can be started anew over the same directory.</summary>
internal sealed class ProxyScene : IAsyncDisposable
{
    public const string Token = "token-of-the-anchor-proxy-0123456789-abc";
    public const string DataHex = "45430147320987f9a49d5b00119b960f247a956773f57543982b8bfcb6da5bb3afd9ef";

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new();
    private AnchorProxyRole? _role;

    private ProxyScene(ScriptedBitcoind node) => Node = node;

    public ScriptedBitcoind Node { get; }

    public ScriptedChain Chain => Node.Chain;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    public AnchorProxyRole Role => _role!;

    public TemporaryDirectory Directory => _directory;

    public int Broadcasts { get; init; } = 10;

    public string Password { get; set; } = ScriptedBitcoind.Password;

    public static async Task<ProxyScene> StartAsync(int broadcasts = 10, params long[] coins)
    {
        var scene = new ProxyScene(await ScriptedBitcoind.StartAsync(new ScriptedChain(BitcoinNetwork.Signet.Genesis, coins.Length == 0 ? [100_000] : coins))) { Broadcasts = broadcasts };
        await scene.RestartAsync();
        return scene;
    }

    /// <summary>Ends the proxy and starts another over the same directory.</summary>
    public async Task RestartAsync()
    {
        if (_role is not null)
        {
            await _role.DisposeAsync();
        }

        _role = await AnchorProxyRole.StartAsync(
            new()
            {
                Listener = ListenerSettings.Loopback(0),
                DataDirectory = _directory["proxy"],
                Token = Token,
                Bitcoind = new() { Url = Node.Address, User = ScriptedBitcoind.User, Password = Password, Wallet = ScriptedBitcoind.Wallet, Network = BitcoinNetwork.Signet },
                MaxBroadcastsPerMinute = Broadcasts,
            },
            Time,
            TestContext.Current.CancellationToken);
    }

    public Task<(int Status, JsonElement Body)> BroadcastAsync(string dataHex = DataHex) => SendAsync("POST", "/anchor/broadcast", new { dataHex });

    public async Task<(int Status, JsonElement Body)> SendAsync(string method, string path, object? body = null, string? token = Token)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(Role.Url, path)) { Content = body is null ? null : JsonContent.Create(body) };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(ScriptedBitcoind.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedBitcoind.User, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    public async ValueTask DisposeAsync()
    {
        await Role.DisposeAsync();
        await Node.DisposeAsync();
        _http.Dispose();
        _directory.Dispose();
    }
}

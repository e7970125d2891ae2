using EdgeCoder.Executor;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Inference.Swaps;
using EdgeCoder.Inference.Tests.Providers;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Inference.Tests.Service;

/// <summary>The inference role on a real port, with a coordinator that it trusts and models of scripted servers.</summary>
internal sealed class InferenceHost : IAsyncDisposable
{
    public const string Token = "0123456789abcdef0123456789abcdef";
    public const string PeerId = "coord-000000000001";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly WebApplication _app;
    private readonly ModelHub _thisMachine;
    private readonly ModelHub _team;

    private InferenceHost(WebApplication app, ModelHub thisMachine, ModelHub team, SigningKey key, Uri address)
    {
        (_app, _thisMachine, _team, Key, Address) = (app, thisMachine, team, key, address);
        Anonymous = new() { BaseAddress = address, Timeout = Patience };
        Coordinator = Client(Signer(key, "peer:" + PeerId), Token);
    }

    public Uri Address { get; }

    public SigningKey Key { get; }

    /// <summary>Without a credential.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>Token and signature.</summary>
    public HttpClient Coordinator { get; }

    public IReadOnlyList<RouteEndpoint> Routes => [.. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public static RequestSigner Signer(SigningKey key, string keyId, string? audience = null, TimeProvider? time = null) =>
        new(key, keyId, audience ?? InferenceAudience.Name, time ?? TimeProvider.System) { InnerHandler = new SocketsHttpHandler { UseProxy = false } };

    public static async Task<InferenceHost> StartAsync(
        TemporaryDirectory directory, ScriptedOpenAI? server = null, ICodeExecutor? executor = null, IModelProvider? demonstration = null, TimeProvider? time = null, SigningKey? key = null, int window = 16_384, IModelProvider? local = null, Func<ModelSettings, ModelSettings>? change = null)
    {
        time ??= TimeProvider.System;
        key ??= SigningKey.Generate();
        var models = new ModelSettings
        {
            DataDirectory = directory.Path,
            Servers = server is null ? [] : [server.Settings(window: window)],
            Demonstration = demonstration is not null,
            Ollama = new() { Address = Closed },
        };
        models = change?.Invoke(models) ?? models;
        var thisMachine = new ModelHub(models, ModelReach.ThisMachine, local, demonstration);
        var team = new ModelHub(models, ModelReach.Team, local, demonstration);
        var settings = new InferenceSettings { AuthToken = Token, TrustedCoordinators = new Dictionary<string, VerifyingKey> { [PeerId] = key.PublicKey }, DataDirectory = directory.Path };
        var builder = LoopbackApp.NewBuilder();
        builder.Services.AddInferenceRole(settings, thisMachine, team, executor ?? new ScriptedExecutor(_ => throw new InvalidOperationException("Nothing is run in this test.")), time);
        var app = builder.Build();
        app.UseProblems(NullLogger.Instance);
        app.MapInferenceRole();
        await app.StartAsync();
        return new(app, thisMachine, team, key, new Uri(app.Urls.Single()));
    }

    public HttpClient Client(HttpMessageHandler handler, string? token)
    {
        var client = new HttpClient(handler) { BaseAddress = Address, Timeout = Patience };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Add("x-inference-token", token);
        }

        return client;
    }

    /// <summary>Waits for the end of the pull that runs, and of what follows it.</summary>
    public Task PullEndsAsync() => _app.Services.GetRequiredService<ModelSwaps>().Pulls.Running;

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Coordinator.Dispose();
        await _app.DisposeAsync();
        await _thisMachine.DisposeAsync();
        await _team.DisposeAsync();
    }

    // A port of the system that nobody listens on: port 1 is refused at once.
    private static ServerAddress Closed
    {
        get
        {
            Assert.True(ServerAddress.TryParse("http://127.0.0.1:1", null, out var address, out _));
            return address;
        }
    }
}

using EdgeCoder.AnchorProxy.Broadcasts;
using EdgeCoder.AnchorProxy.Confirmations;
using EdgeCoder.AnchorProxy.Health;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Ledger.Anchors.Bitcoind;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.AnchorProxy.Composition;

/// <summary>The anchor proxy as a listening server (economy-and-ledger 13.5; port 4311): no other role sees the node's credentials.</summary>
public sealed class AnchorProxyRole : IAsyncDisposable
{
    // The largest body is some 200 characters.
    private const long MostBodyBytes = 4 << 10;

    private readonly WebApplication _app;

    private AnchorProxyRole(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.ListensOn()[0];

    /// <summary>Its routes, for tests.</summary>
    internal IReadOnlyList<Endpoint> Routes => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    /// <summary>Starts it. The node is not asked yet, so that both may start in any order.</summary>
    /// <exception cref="IOException">The data directory cannot be used.</exception>
    public static async Task<AnchorProxyRole> StartAsync(AnchorProxySettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = ListenerExtensions.CreateRoleBuilder(settings.Listener);
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = MostBodyBytes);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Bitcoind);
        builder.Services.AddSingleton(new ProxyToken(new SecretDigest(settings.Token)));
        builder.Services.AddSingleton(new SignedAnchors(settings.DataDirectory));
        builder.Services.AddSingleton<BitcoindRpc>();
        builder.Services.AddSingleton<BitcoindWallet>();
        builder.Services.AddSingleton(_ => new BroadcastLimit(settings.MaxBroadcastsPerMinute, time));
        builder.Services.AddSingleton<BroadcastDesk>();
        builder.Services.AddSingleton<NodeHealth>();
        var app = builder.Build();
        app.UseProblems(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCoder.AnchorProxy"));
        if (!settings.Listener.BeyondLoopback)
        {
            // Beyond loopback its names are the operator's, and no page has the bearer.
            app.UseAddressGuard(new AddressGuard(null, []));
        }

        app.UseRouting();
        app.MapBroadcasts();
        app.MapConfirmations();
        app.MapHealth();
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        return new(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}

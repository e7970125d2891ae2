using EdgeCoder.Coordinator.Statistics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Registration of anchors.</summary>
internal static class AnchorServices
{
    /// <summary>Adds them. Needs the store, a clock and the log. Without a provider nothing is anchored, and the routes say so.</summary>
    public static IServiceCollection AddAnchors(this IServiceCollection services, AnchorSettings settings)
    {
        services.AddSingleton(settings);
        services.TryAddSingleton<IAnchorCheckpoints, LogAnchorCheckpoints>();
        services.AddSingleton<AnchorStore>();
        services.AddSingleton<ReceiptAnchors>();
        if (settings.Provider != AnchorProviderKind.None)
        {
            services.AddSingleton(provider => ProviderOf(settings, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<AnchorSteps>();
            services.AddSingleton<AnchorRounds>();
            services.AddSingleton<AnchorKeeper>();
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AnchorKeeper>());
        }

        services.AddSingleton(provider => new AnchorDesk(
            provider.GetRequiredService<AnchorStore>(), provider.GetRequiredService<IAnchorCheckpoints>(), settings, provider.GetService<AnchorKeeper>(), provider.GetService<IAnchorProvider>(),
            provider.GetService<FederationFacts>()));
        return services;
    }

    /// <summary>Adds what is done together with peers: needs the log, peers and the quorum too.</summary>
    public static IServiceCollection AddAnchorSets(this IServiceCollection services) =>
        services.AddSingleton<AnchorFederation>().AddSingleton<AnchorSets>().AddSingleton<AnchorFollowing>().AddSingleton<AnchorSetDesk>();

    private static IAnchorProvider ProviderOf(AnchorSettings settings, TimeProvider time)
    {
        IAnchorProvider provider = settings.Provider switch
        {
            AnchorProviderKind.Mock => new MockAnchors(),
            AnchorProviderKind.AnchorProxy => new AnchorProxyAnchors(settings.Proxy!, settings.Network, time),
            AnchorProviderKind.Bitcoind => new BitcoindAnchors(settings.Bitcoind!, time),
            AnchorProviderKind.Esplora => new EsploraAnchors(settings.Esplora!, settings.Network, time),
            var other => throw new InvalidOperationException($"{other} is no provider."),
        };
        return settings is { Provider: AnchorProviderKind.AnchorProxy or AnchorProviderKind.Bitcoind, Esplora: { } explorer } ? new AgreeingAnchors(provider, new EsploraAnchors(explorer, settings.Network, time)) : provider;
    }
}

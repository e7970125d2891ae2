using EdgeCoder.Coordinator.Prices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>Registration of issuance.</summary>
internal static class IssuanceServices
{
    /// <summary>Adds it. Needs store, log, peers, prices, payments, anchors and statistics.</summary>
    public static IServiceCollection AddIssuance(this IServiceCollection services, IssuanceSettings settings)
    {
        services.AddSingleton(settings);
        services.TryAddSingleton<LoadNow>(provider => provider.GetRequiredService<PriceQuotes>().FiguresAsync);
        return services
            .AddSingleton<QuorumMembers>()
            .AddSingleton<Contributions>()
            .AddSingleton<IssuanceRound>()
            .AddSingleton<IssuancePosting>()
            .AddSingleton<IssuanceDesk>()
            .AddSingleton<PurchaseDrift>()
            .AddSingleton<IssuanceKeeper>()
            .AddHostedService(provider => provider.GetRequiredService<IssuanceKeeper>());
    }
}

using EdgeCoder.Hosting.Signatures;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>Registration of the peer table and of requests to peers.</summary>
internal static class PeerServices
{
    /// <summary>Adds them. Store and identity must be added too.</summary>
    public static IServiceCollection AddPeers(this IServiceCollection services, PeerOptions options) => services
        .AddSingleton(options)
        .AddSingleton<PeerDirectory>()
        .AddSingleton<IPeerKeys>(provider => provider.GetRequiredService<PeerDirectory>())
        .AddSingleton<PeerDesk>()
        .AddSingleton<PeerOverdraft>()
        .AddSingleton<PeerCalls>()
        .AddSingleton<PeerKeyChanges>();
}

using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Registration of the log.</summary>
internal static class LogServices
{
    /// <summary>Adds the log and its keeper. Store, identity and, with a shared store, the silo must be added too; without a peer table added before, peers are those of the store, with the usual settings.</summary>
    public static IServiceCollection AddLog(this IServiceCollection services, LogOptions options)
    {
        services.TryAddSingleton(new PeerOptions());
        services.TryAddSingleton<PeerDirectory>();
        services.TryAddSingleton<PeerCalls>();
        services.TryAddSingleton(provider => new SecurityLog(provider.GetRequiredService<CoordinatorIdentity>().PeerId));
        return AddParts(services, options);
    }

    private static IServiceCollection AddParts(IServiceCollection services, LogOptions options) => services
        .AddSingleton(options)
        .AddSingleton<LogRows>()
        .AddSingleton<LogTree>()
        .AddSingleton<LogAppender>()
        .AddSingleton<LogCheckpoints>()
        .AddSingleton<LogProofs>()
        .AddSingleton<LogCheck>()
        .AddSingleton<VerifyLimit>()
        .AddSingleton<WitnessDesk>()
        .AddSingleton<LogHold>()
        .AddSingleton<LogCosignatures>()
        .AddSingleton<LogRecovery>()
        .AddSingleton<LogBreaks>()
        .AddSingleton<RollbackCheck>()
        .AddSingleton<WitnessPush>()
        .AddSingleton<LogEquivocations>()
        .AddSingleton<MirrorReading>()
        .AddSingleton<MirrorPull>()
        .AddSingleton(provider => new LogKeeper(
            provider.GetRequiredService<LogRows>(),
            provider.GetRequiredService<LogTree>(),
            provider.GetRequiredService<LogAppender>(),
            provider.GetRequiredService<LogCheckpoints>(),
            provider.GetRequiredService<LogHold>(),
            provider.GetRequiredService<RollbackCheck>(),
            provider.GetRequiredService<LogBreaks>(),
            provider.GetRequiredService<IStoreWatch>(),
            provider.GetRequiredService<CoordinatorIdentity>(),
            provider.GetRequiredService<TimeProvider>(),
            options,
            options.Shared ? provider.GetRequiredService<IGrainFactory>() : null,
            provider.GetRequiredService<ILogger<LogKeeper>>()))
        .AddHostedService(provider => provider.GetRequiredService<LogKeeper>())
        .AddSingleton<PeerExchange>()
        .AddHostedService(provider => provider.GetRequiredService<PeerExchange>());
}

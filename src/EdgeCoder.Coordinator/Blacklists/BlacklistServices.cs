using EdgeCoder.Coordinator.Agents;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>Registration of the blacklist.</summary>
internal static class BlacklistServices
{
    /// <summary>Adds chain, reading and decisions. Needs store, agents, queue and identity.</summary>
    public static IServiceCollection AddBlacklists(this IServiceCollection services) =>
        services.AddSingleton<AgentKeyHistory>().AddSingleton<BlacklistChain>().AddSingleton<BlacklistReading>().AddSingleton<BlacklistDecisions>().AddSingleton<AutomaticBans>();
}

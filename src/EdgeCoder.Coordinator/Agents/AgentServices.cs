using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Standing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Registration of the agents' part.</summary>
internal static class AgentServices
{
    /// <summary>Adds the directory of agents, their standing, enrolment and timers. Needs the store, the task queue and the coordinator's identity.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services, AgentOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<AgentSightings>();
        services.AddSingleton<Blacklist>();
        services.AddSingleton<CoordinatorSwitches>();
        services.AddSingleton<AgentDirectory>();
        services.AddSingleton<AgentStanding>();
        return services;
    }
}

using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Diagnostics;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Releases;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Hosting.Signatures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Agents;

/// <summary>Registration of the agents' part.</summary>
internal static class AgentServices
{
    /// <summary>
    /// Adds directory, standing, enrolment, operators' changes and timers of agents. Needs the store, the task queue and the coordinator's identity. The
    /// composition calls <see cref="AgentEndpoints.UseAgentSightings"/> after the check of callers, and maps agents, operators and status.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services, AgentOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<AgentSightings>();
        services.AddSingleton<Blacklist>();
        services.AddSingleton<CoordinatorSwitches>();
        services.AddSingleton<AgentDirectory>();
        services.AddSingleton<IAgentKeys>(p => p.GetRequiredService<AgentDirectory>());
        services.AddSingleton<AgentStanding>();
        services.AddBlacklists();
        services.TryAddSingleton(p => new QueueClock(p.GetRequiredService<TimeProvider>()));
        services.AddSecurityEvents();
        services.AddSingleton<BehaviourJudge>();
        services.AddSingleton<BehaviourMarks>();
        services.AddSingleton<BehaviourWatch>();
        services.AddSingleton<HeartbeatGaps>();
        services.AddSingleton<EnrolmentTable>();
        services.AddSingleton<EnrolmentStatements>();
        services.AddSingleton(options.Releases).AddSingleton<KnownReleases>().AddHostedService(p => p.GetRequiredService<KnownReleases>());
        services.AddSingleton<Registration>();
        services.AddSingleton<Heartbeats>();
        services.AddSingleton<AgentDiagnostics>();
        services.AddSingleton<AgentOperations>();
        services.AddSingleton<AgentListings>();
        services.AddSingleton<PortalRefresh>();
        services.AddSingleton<CoordinatorFigures>();
        services.AddSingleton<StartProgress>();
        services.AddSingleton(p => new NodePortalClient(Client(), options, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<NodePortalClient>>()));
        services.AddSingleton(p => new ModelServerProbe(Client(), options, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AgentWatch>();
        services.AddHostedService(p => p.GetRequiredService<AgentWatch>());
        return services;
    }

    // A credential follows no redirect and passes no proxy of the environment; whoever answers cannot fill the memory.
    private static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 1 << 20,
    };
}

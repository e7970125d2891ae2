using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.IdeProvider.LocalRuns;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>What runs tools and code at this endpoint, put together.</summary>
internal static class AgenticServices
{
    /// <summary>Adds it.</summary>
    public static void AddAgents(this IServiceCollection services, IdeProviderSettings settings, TimeProvider time)
    {
        services.AddSingleton<RunLine>();
        services.AddSingleton(_ => new AgentSessions(Path.Combine(settings.DataDirectory, "sessions"), time));
        services.AddSingleton(p => new AgentModels(p.GetRequiredService<LocalRoute>(), p.GetRequiredService<KeyUse>(), time));
        services.AddSingleton<AgentWork>();
    }

    /// <summary>Maps its routes.</summary>
    public static void MapAgents(this IEndpointRouteBuilder routes)
    {
        routes.MapAgentChat();
        routes.MapSessions();
        routes.MapRuns();
        routes.MapModelAdmin();
    }
}

using EdgeCoder.Executor;
using EdgeCoder.Inference.Chat;
using EdgeCoder.Inference.Decomposition;
using EdgeCoder.Inference.Escalation;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Service;

/// <summary>The inference role (agent-executor-models 5). The routes of model management come beside these, under the same gate.</summary>
public static class InferenceRole
{
    /// <summary>
    /// Adds its parts. <paramref name="hub"/> is a hub of reach <see cref="ModelReach.Team"/> and <paramref name="executor"/> the sandbox of this machine;
    /// both stay the caller's to dispose.
    /// </summary>
    public static IServiceCollection AddInferenceRole(this IServiceCollection services, InferenceSettings settings, ModelHub hub, ICodeExecutor executor, TimeProvider time)
    {
        services.AddSingleton(settings);
        services.AddSingleton(new RoleClock(time));
        services.AddSingleton<InferenceMetrics>();
        services.AddSingleton<EscalationTimes>();
        services.AddSingleton<InferenceGate>();
        services.AddSingleton(_ => new WarmModel(hub, time));
        services.AddSingleton(_ => new NonceFile(settings.DataDirectory, time.GetUtcNow().ToUnixTimeMilliseconds()));
        services.AddSingleton(p => new CoordinatorSignatures(settings, p.GetRequiredService<NonceFile>(), time));
        services.AddSingleton(p => new Decomposer(p.GetRequiredService<WarmModel>(), p.GetRequiredService<InferenceMetrics>(), time));
        services.AddSingleton(p => new Escalator(p.GetRequiredService<WarmModel>(), executor, time));
        services.AddSingleton(p => new Overview(hub, p.GetRequiredService<InferenceMetrics>(), p.GetRequiredService<EscalationTimes>(), p.GetRequiredService<RoleClock>()));
        services.AddRouting();
        return services;
    }

    /// <summary>Maps its routes. The durable nonces are opened here, so that a start without them fails.</summary>
    public static IEndpointRouteBuilder MapInferenceRole(this IEndpointRouteBuilder routes)
    {
        _ = routes.ServiceProvider.GetRequiredService<NonceFile>();
        routes.MapOverview();
        routes.MapDecompose();
        routes.MapEscalate();
        routes.MapChat();
        return routes;
    }

    /// <summary>Maps one route behind the gate: no route of this role can be mapped without saying who may call it.</summary>
    internal static IEndpointConventionBuilder MapGuarded(this IEndpointRouteBuilder routes, string method, string pattern, InferenceRule rule, RequestDelegate handler)
    {
        var gate = routes.ServiceProvider.GetRequiredService<InferenceGate>();
        return routes.MapMethods(pattern, [method], async context =>
        {
            await gate.AdmitAsync(context, rule).ConfigureAwait(false);
            await handler(context).ConfigureAwait(false);
        }).WithMetadata(rule);
    }
}

/// <summary>The role's clock and when it started.</summary>
internal sealed class RoleClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Since the start.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_start);
}

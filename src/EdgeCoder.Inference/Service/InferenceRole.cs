using EdgeCoder.Executor;
using EdgeCoder.Inference.Chat;
using EdgeCoder.Inference.Completions;
using EdgeCoder.Inference.Decomposition;
using EdgeCoder.Inference.Embeddings;
using EdgeCoder.Inference.Escalation;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Swaps;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Service;

/// <summary>The inference role (agent-executor-models 5).</summary>
public static class InferenceRole
{
    /// <summary>
    /// Adds its parts. <paramref name="thisMachine"/> is a hub of reach <see cref="ModelReach.ThisMachine"/> and <paramref name="team"/> one of reach
    /// <see cref="ModelReach.Team"/>, over the same settings and the same provider of this program's own engine; <paramref name="executor"/> is the sandbox
    /// of this machine. All stay the caller's to dispose.
    /// </summary>
    public static IServiceCollection AddInferenceRole(
        this IServiceCollection services, InferenceSettings settings, ModelHub thisMachine, ModelHub team, ICodeExecutor executor, TimeProvider time)
    {
        if (thisMachine.Reach != ModelReach.ThisMachine)
        {
            throw new ArgumentException("Work of this machine must have models of this machine only.", nameof(thisMachine));
        }

        services.AddSingleton(settings);
        services.AddSingleton(new RoleClock(time));
        services.AddSingleton<InferenceMetrics>();
        services.AddSingleton<EscalationTimes>();
        services.AddSingleton<InferenceGate>();
        services.AddSingleton(_ => new ReachModels(new(thisMachine, time), new(team, time)));
        services.AddSingleton(p => new ModelSwaps(p.GetRequiredService<ReachModels>(), settings.DataDirectory, time));
        services.AddSingleton(_ => new NonceFile(settings.DataDirectory, time.GetUtcNow().ToUnixTimeMilliseconds()));
        services.AddSingleton(_ => new FollowedKeys(settings.DataDirectory, settings.TrustedCoordinators));
        services.AddSingleton(p => new CoordinatorSignatures(settings, p.GetRequiredService<NonceFile>(), p.GetRequiredService<FollowedKeys>(), time));
        services.AddSingleton(p => new Decomposer(p.GetRequiredService<ReachModels>().Team, p.GetRequiredService<InferenceMetrics>(), time));
        services.AddSingleton(p => new Escalator(p.GetRequiredService<ReachModels>().Team, executor, time));
        services.AddSingleton(p => new Overview(team, p.GetRequiredService<InferenceMetrics>(), p.GetRequiredService<EscalationTimes>(), p.GetRequiredService<RoleClock>()));
        services.AddRouting();
        return services;
    }

    /// <summary>Maps its routes. The durable nonces are opened here, so that a start without them fails.</summary>
    public static IEndpointRouteBuilder MapInferenceRole(this IEndpointRouteBuilder routes)
    {
        _ = routes.ServiceProvider.GetRequiredService<NonceFile>();
        _ = routes.ServiceProvider.GetRequiredService<FollowedKeys>();
        routes.MapOverview();
        routes.MapDecompose();
        routes.MapEscalate();
        routes.MapChat();
        routes.MapChatCompletions();
        routes.MapTextCompletions();
        routes.MapEmbeddings();
        routes.MapModels();
        routes.MapSwaps();
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

using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Web;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Agentic;
using EdgeCoder.IdeProvider.Chat;
using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Problems;
using EdgeCoder.IdeProvider.Responses;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.IdeProvider.Status;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.IdeProvider.Upstreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.IdeProvider.Composition;

/// <summary>The endpoint for editors and agents as a listening server (agent-executor-models 6; port 4304).</summary>
public sealed class IdeProviderRole : IAsyncDisposable
{
    private readonly WebApplication _app;

    private IdeProviderRole(WebApplication app, IdeKeys keys) => (_app, Keys) = (app, keys);

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.ListensOn()[0];

    /// <summary>Its keys.</summary>
    public IdeKeys Keys { get; }

    /// <summary>The line in front of the models of this machine.</summary>
    internal LocalLine Line => _app.Services.GetRequiredService<LocalLine>();

    /// <summary>Its parts, for tests of the composition.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>Starts it. Nothing is asked of the inference service yet, so that both may start in any order.</summary>
    /// <param name="settings">Settings.</param>
    /// <param name="work">What runs tools and code here; the caller keeps owning it. Null: an endpoint for calls alone, which says so on the routes that would need it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<IdeProviderRole> StartAsync(IdeProviderSettings settings, LocalWork? work, TimeProvider time, CancellationToken cancellationToken)
    {
        var keys = IdeKeys.Open(settings.DataDirectory, settings.Owner, time);
        var builder = ListenerExtensions.CreateRoleBuilder(settings.Listener);
        // Larger than what is taken: the server then reads on for a while after the refusal, and the client sees it instead of a broken pipe.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = 16L * Bodies.BodyReceiver.MaxBytes);
        Add(builder.Services, settings, keys, work, time);
        var app = builder.Build();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCoder.IdeProvider");
        var gate = app.Services.GetRequiredService<AccessGate>();
        app.UseProblems(log);
        app.UseOpenAIErrors(log);
        app.Use(next => context =>
        {
            gate.CheckAddress(context.Request);
            return next(context);
        });
        app.UseRouting();
        app.MapCalls();
        app.MapResponses();
        app.MapModels();
        app.MapStatus();
        app.MapAgents();
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<AgentSessions>().Stop);
        app.MapRunSwarm();
        if (settings.Mcp is not null)
        {
            app.MapMcp();
        }

        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        return new(app, keys);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Add(IServiceCollection services, IdeProviderSettings settings, IdeKeys keys, LocalWork? work, TimeProvider time)
    {
        services.AddSingleton(new OfferedWork(work));
        services.AddAgents(settings, time);
        services.AddSingleton(keys);
        if (settings.Mcp is { } mcp)
        {
            services.AddMcp(mcp);
        }

        services.AddSingleton(new RoleTime(time));
        services.AddSingleton(new StoredResponses(Path.Combine(settings.DataDirectory, "responses"), time));
        services.AddSingleton(_ => new KeyUse(settings.DataDirectory, time));
        services.AddSingleton(p => new AccessGate(keys, p.GetRequiredService<KeyUse>(), new AddressGuard(settings.PublicHost, settings.AllowedOrigins)));
        services.AddSingleton<LoopbackHttp>();
        services.AddSingleton(_ => new LocalLine(settings.LocalConcurrencyCap, settings.LocalQueue));
        services.AddSingleton(new LatencyGate(settings.LatencyThreshold.TotalMilliseconds));
        services.AddSingleton(p => new InferenceUpstream(Inference(settings, p.GetRequiredService<LoopbackHttp>())));
        services.AddSingleton(p => Local(settings, p.GetRequiredService<LoopbackHttp>(), p.GetRequiredService<LocalLine>(), p.GetRequiredService<LatencyGate>(), time));
        services.AddSingleton(_ => new SwarmClient(settings.Swarm, time));
        services.AddSingleton(p => new SwarmRoute(p.GetRequiredService<SwarmClient>(), new ReleasedPayload.Gate(new Redactor([]).Redact), time));
        services.AddSingleton(p => new Router(p.GetRequiredService<LocalRoute>(), p.GetRequiredService<SwarmRoute>(), p.GetRequiredService<KeyUse>(), time));
    }

    // The component graph of local work: nothing in here can leave the machine, and nothing else is handed in.
    private static LocalRoute Local(IdeProviderSettings settings, LoopbackHttp http, LocalLine line, LatencyGate gate, TimeProvider time)
    {
        var inference = Inference(settings, http);
        var servers = settings.Servers.ToDictionary(
            server => server.Name,
            server => new LocalUpstream("openai-compatible", $"The model server {server.Name}", server.Base, http, server.Key is { } key ? [new("Authorization", "Bearer " + key)] : []),
            StringComparer.Ordinal);
        return new(inference, servers, new LocalModels(inference, time), line, gate, time);
    }

    private static LocalUpstream Inference(IdeProviderSettings settings, LoopbackHttp http) => new(
        "edgecoder-local", "The inference service", new(settings.Inference.GetLeftPart(UriPartial.Authority) + "/"), http,
        [new("x-inference-token", settings.InferenceToken), new("x-edgecoder-reach", "this-machine")]);
}

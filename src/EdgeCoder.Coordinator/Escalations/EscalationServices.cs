using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Signatures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Registration of escalations.</summary>
internal static class EscalationServices
{
    /// <summary>
    /// Adds them. Needs the store, the task queue, a clock and the coordinator's identity. Each back-end has connections of its own, so that nothing meant
    /// for one can reach another.
    /// </summary>
    public static IServiceCollection AddEscalations(this IServiceCollection services, EscalationSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<EscalationStore>();
        services.AddSingleton<EscalationClients>();
        services.AddSingleton(p => new InferenceBackEnd(p.GetRequiredService<EscalationClients>().For(InferenceAudience.Name), settings, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new PullProgress(p.GetRequiredService<EscalationClients>().For(InferenceAudience.Name), settings, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ParentBackEnd>();
        services.AddSingleton(p => new EscalationCallback(p.GetRequiredService<EscalationClients>().For(EscalationCallback.Audience), settings, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EscalationSteps>();
        services.AddSingleton<EscalationWaterfall>();
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<EscalationWaterfall>());
        services.AddSingleton<EscalationDesk>();
        return services;
    }
}

/// <summary>Clients that sign with the coordinator's key, one per receiver.</summary>
internal sealed class EscalationClients(CoordinatorIdentity identity, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HttpMessageInvoker> _clients = new(StringComparer.Ordinal);

    /// <summary>A client that signs for a receiver.</summary>
    public HttpMessageInvoker For(string audience) => Get(audience, () => new RequestSigner(() => identity.Key, "peer:" + identity.PeerId, audience, time) { InnerHandler = new KeyStatementsHandler(identity, EscalationHttp.Handler()) });

    /// <summary>A client that signs nothing and carries nothing.</summary>
    public HttpMessageInvoker Plain => Get("", EscalationHttp.Handler);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var client in _clients.Values)
            {
                client.Dispose();
            }

            _clients.Clear();
        }
    }

    private HttpMessageInvoker Get(string audience, Func<HttpMessageHandler> make)
    {
        lock (_gate)
        {
            return _clients.TryGetValue(audience, out var client) ? client : _clients[audience] = new HttpMessageInvoker(make(), disposeHandler: true);
        }
    }
}

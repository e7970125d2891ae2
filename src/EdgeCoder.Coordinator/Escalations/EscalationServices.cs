using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Escalations;

/// <summary>Registration of escalations.</summary>
internal static class EscalationServices
{
    /// <summary>
    /// Adds them. Needs the store and the task queue. <paramref name="key"/> is the coordinator's, and stays the caller's to dispose. Each back-end has
    /// connections of its own, so that nothing meant for one can reach another.
    /// </summary>
    public static IServiceCollection AddEscalations(this IServiceCollection services, EscalationSettings settings, string peerId, SigningKey key, TimeProvider time)
    {
        services.AddSingleton(settings);
        services.AddSingleton<EscalationStore>();
        services.AddSingleton(_ => new EscalationClients(peerId, key, time));
        services.AddSingleton(p => new InferenceBackEnd(p.GetRequiredService<EscalationClients>().For(InferenceAudience.Name), settings, time));
        services.AddSingleton(p => new ParentBackEnd(p.GetRequiredService<EscalationClients>().For, p.GetRequiredService<EscalationClients>().Plain, peerId, settings, time));
        services.AddSingleton(p => new EscalationCallback(p.GetRequiredService<EscalationClients>().For(EscalationCallback.Audience), settings, time));
        services.AddSingleton(p => new EscalationSteps(
            p.GetRequiredService<EscalationStore>(), p.GetRequiredService<ITaskQueue>(), p.GetRequiredService<InferenceBackEnd>(), p.GetRequiredService<ParentBackEnd>(), peerId, settings, time));
        services.AddSingleton(p => new EscalationWaterfall(
            p.GetRequiredService<EscalationStore>(), p.GetRequiredService<EscalationSteps>(), p.GetRequiredService<EscalationCallback>(), settings, time, p.GetRequiredService<ILogger<EscalationWaterfall>>()));
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<EscalationWaterfall>());
        services.AddSingleton(p => new EscalationDesk(
            p.GetRequiredService<EscalationStore>(), p.GetRequiredService<EscalationWaterfall>(), p.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), peerId, time));
        return services;
    }
}

/// <summary>Clients that sign with the coordinator's key, one per receiver.</summary>
internal sealed class EscalationClients(string peerId, SigningKey key, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HttpMessageInvoker> _clients = new(StringComparer.Ordinal);

    /// <summary>A client that signs for a receiver.</summary>
    public HttpMessageInvoker For(string audience) => Get(audience, () => new RequestSigner(key, "peer:" + peerId, audience, time) { InnerHandler = EscalationHttp.Handler() });

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

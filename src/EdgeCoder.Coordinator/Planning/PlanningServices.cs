using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Signatures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>Registration of planning.</summary>
internal static class PlanningServices
{
    /// <summary>Adds planning over HTTP, unless an <see cref="IPlanner"/> of this process was added before.</summary>
    /// <param name="services">Where.</param>
    /// <param name="inferencePeerId">Whom nonces of signed requests address.</param>
    public static IServiceCollection AddPlanning(this IServiceCollection services, string inferencePeerId)
    {
        services.TryAddSingleton<IPlanner>(provider =>
        {
            var surroundings = provider.GetRequiredService<QueueSurroundings>();
            var time = provider.GetRequiredService<QueueClock>();
            var signer = new RequestSigner(surroundings.Signer, "peer:" + surroundings.PeerId, inferencePeerId, time) { InnerHandler = provider.GetService<CoordinatorIdentity>() is { } identity ? new KeyStatementsHandler(identity, new SocketsHttpHandler { AllowAutoRedirect = false }) : new SocketsHttpHandler { AllowAutoRedirect = false } };
            return new HttpPlanner(new HttpClient(signer) { Timeout = Timeout.InfiniteTimeSpan }, provider.GetRequiredService<QueueOptions>(), time);
        });
        return services.AddSingleton(provider => new SnapshotFetch(provider.GetRequiredService<BlobStore>())).AddSingleton<TaskPlanner>().AddHostedService(provider => provider.GetRequiredService<TaskPlanner>());
    }
}

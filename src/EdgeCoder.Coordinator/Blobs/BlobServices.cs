using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>Registration of blobs.</summary>
internal static class BlobServices
{
    /// <summary>Adds <see cref="BlobStore"/> in a data directory, and the rules of its routes.</summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services, string dataDirectory)
    {
        // Whether a lease is live is asked of the clock that its deadline was written by.
        services.TryAddSingleton(provider => new QueueClock(provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton(new BlobStore(dataDirectory)).AddSingleton<BlobReaders>().AddSingleton<SealedBlobs>().AddSingleton<SealedUploads>().AddSingleton(new BlobOptions()).AddHostedService<UnfinishedBlobs>();
    }

    /// <summary>Adds the sweep of what nobody needs any more.</summary>
    public static IServiceCollection AddBlobRetention(this IServiceCollection services) => services.AddHostedService<BlobRetention>();
}

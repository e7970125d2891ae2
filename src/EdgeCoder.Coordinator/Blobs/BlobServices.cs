using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>Registration of blobs.</summary>
internal static class BlobServices
{
    /// <summary>Adds <see cref="BlobStore"/> in a data directory, and the rules of its routes.</summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services, string dataDirectory) =>
        services.AddSingleton(new BlobStore(dataDirectory)).AddSingleton<BlobReaders>().AddSingleton<SealedBlobs>().AddSingleton<SealedUploads>().AddHostedService<UnfinishedBlobs>();
}

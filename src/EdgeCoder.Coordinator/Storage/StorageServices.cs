using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Storage;

/// <summary>Registration of the coordinator's store.</summary>
internal static class StorageServices
{
    /// <summary>Adds <see cref="IStoreWriter"/> and the factory of <see cref="CoordinatorContext"/>.</summary>
    public static IServiceCollection AddStore(this IServiceCollection services, StoreSettings settings) => services.AddStore<CoordinatorContext>(settings);
}

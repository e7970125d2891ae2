using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Hosting.Storage;

/// <summary>Registration of a role's store.</summary>
public static class StoreServices
{
    /// <summary>Adds the store of a role: its context's factory for reads, its writer, and the making of its tables before anything else starts.</summary>
    public static IServiceCollection AddStore<TContext>(this IServiceCollection services, StoreSettings settings)
        where TContext : StoreContext
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<ReadConnections>();
        services.AddPooledDbContextFactory<TContext>((provider, options) => Configure(options, provider.GetRequiredService<ReadConnections>()));
        services.AddSingleton(provider =>
        {
            var factory = provider.GetRequiredService<IDbContextFactory<TContext>>();
            return new StoreOpening(settings, factory.CreateDbContext);
        });
        services.AddSingleton<IStoreWriter>(provider =>
        {
            // Asked for here and not when they are needed: a writer that drains at the end can no longer ask the provider, and EF Core asks it for the model.
            var factory = provider.GetRequiredService<IDbContextFactory<TContext>>();
            var opening = provider.GetRequiredService<StoreOpening>();
            return new StoreWriter(settings, ModelOf(factory), opening.Open, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StoreWriter>>());
        });
        services.AddSingleton(provider => (IStoreWatch)provider.GetRequiredService<IStoreWriter>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<StoreOpening>());
        return services;
    }

    // No tracking: what is read is never written back.
    private static void Configure(DbContextOptionsBuilder options, ReadConnections connections) =>
        connections.Use(options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));

    private static IModel ModelOf<TContext>(IDbContextFactory<TContext> factory)
        where TContext : StoreContext
    {
        using var context = factory.CreateDbContext();
        return context.Model;
    }
}

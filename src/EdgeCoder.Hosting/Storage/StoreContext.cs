using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// The model of a role's store: every <see cref="IEntityTypeConfiguration{TEntity}"/> of its own assembly and of this one, named by <see cref="StoreNaming"/>.
/// Routes read through it, without tracking; writes go through <see cref="IStoreWriter"/>, which alone is durable in the order it was asked.
/// </summary>
public abstract class StoreContext(DbContextOptions options) : DbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.Conventions.Add(_ => new StoreNaming());

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(StoreContext).Assembly);
        if (GetType().Assembly != typeof(StoreContext).Assembly)
        {
            modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly);
        }
    }
}

using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Storage;

/// <summary>All rows of the coordinator: those configured in this assembly and in Hosting. For reads; writes go through <see cref="IStoreWriter"/>.</summary>
internal sealed class CoordinatorContext(DbContextOptions<CoordinatorContext> options) : StoreContext(options);

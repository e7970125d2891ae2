using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Portal.Composition;

/// <summary>All rows of the portal. For reads; writes go through <see cref="IStoreWriter"/>.</summary>
internal sealed class PortalContext(DbContextOptions<PortalContext> options) : StoreContext(options);

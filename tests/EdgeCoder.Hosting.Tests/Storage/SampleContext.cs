using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Tests.Storage;

internal sealed class SampleContext(DbContextOptions<SampleContext> options) : StoreContext(options);

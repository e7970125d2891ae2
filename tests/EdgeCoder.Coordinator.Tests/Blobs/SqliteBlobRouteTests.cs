using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Coordinator.Tests.Blobs;

public sealed class SqliteBlobRouteTests : BlobRouteCompliance
{
    private protected override Task<StoreSettings?> StoreAsync() => Task.FromResult<StoreSettings?>(null);
}

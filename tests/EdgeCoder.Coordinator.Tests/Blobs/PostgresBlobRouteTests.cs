using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Postgres;

namespace EdgeCoder.Coordinator.Tests.Blobs;

public sealed class PostgresBlobRouteTests : BlobRouteCompliance
{
    private protected override async Task<StoreSettings?> StoreAsync() => StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
}

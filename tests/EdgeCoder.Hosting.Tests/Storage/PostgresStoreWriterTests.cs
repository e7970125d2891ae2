using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Postgres;

namespace EdgeCoder.Hosting.Tests.Storage;

public sealed class PostgresStoreWriterTests : StoreWriterCompliance
{
    private protected override async Task<StoreSettings> SettingsAsync() => StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
}

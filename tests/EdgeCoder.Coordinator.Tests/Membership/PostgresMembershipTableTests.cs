using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Postgres;

namespace EdgeCoder.Coordinator.Tests.Membership;

public sealed class PostgresMembershipTableTests : MembershipTableCompliance
{
    private protected override async Task<StoreSettings> SettingsAsync() => StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
}

using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Membership;

public sealed class SqliteMembershipTableTests : MembershipTableCompliance
{
    private readonly TemporaryDirectory _directory = new();

    private protected override Task<StoreSettings> SettingsAsync() => Task.FromResult(StoreSettings.From(null, _directory.Path));

    private protected override ValueTask RemoveAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}

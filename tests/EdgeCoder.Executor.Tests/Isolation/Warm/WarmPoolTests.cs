using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Isolation.Warm;

/// <summary>Warm single-use processes, on this machine's real isolation.</summary>
public sealed class WarmPoolTests
{
    [Theory]
    [InlineData("namespaces")]
    [InlineData("landlock")]
    public async Task Warm_pool_passes_the_self_test(string mode)
    {
        await using var pool = await WarmPlace.PoolAsync(Enum.Parse<LaunchMode>(mode, ignoreCase: true));

        var (canaries, refusal) = await SelfTest.RunAsync(pool.WarmOnly, TestContext.Current.CancellationToken);

        Assert.Null(refusal);
        Assert.NotEmpty(canaries);
    }
}

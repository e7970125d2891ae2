using EdgeCoder.Commands;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Execution;

namespace EdgeCoder.Tests.Commands;

public sealed class ExecExitCodeTests
{
    [Theory]
    [InlineData(1, "runtime_error", 1)]
    [InlineData(7, "runtime_error", 7)]
    [InlineData(125, "runtime_error", 125)]
    [InlineData(126, "runtime_error", 1)]
    [InlineData(255, "runtime_error", 1)]
    [InlineData(0, "runtime_error", 1)]
    [InlineData(-1, "runtime_error", 1)]
    [InlineData(int.MaxValue, "runtime_error", 1)]
    [InlineData(134, "runtime_error", 1)]
    [InlineData(134, "crashed", 134)]
    [InlineData(159, "blocked_syscall", 159)]
    [InlineData(300, "crashed", 1)]
    public void A_failing_program_never_ends_with_success(int own, string code, int expected) =>
        Assert.Equal(expected, ExecExitCode.Of(Runs.Ended(own, QueueReason.RuntimeError) with { Detail = new() { Code = code } }));

    [Fact]
    public void Only_ok_is_success()
    {
        Assert.Equal(0, ExecExitCode.Of(Runs.ExitedZero()));
        Assert.All(Enum.GetValues<QueueReason>(), reason => Assert.NotEqual(0, ExecExitCode.Of(Runs.Ended(0, reason))));
    }
}

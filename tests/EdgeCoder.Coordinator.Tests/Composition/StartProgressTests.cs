using EdgeCoder.Coordinator.Composition;

namespace EdgeCoder.Coordinator.Tests.Composition;

public sealed class StartProgressTests
{
    [Fact]
    public void What_is_unfinished_is_told_until_it_ends_and_ending_twice_ends_nothing_else()
    {
        var progress = new StartProgress();
        var first = progress.Begin("the sandbox is being tested");
        using var second = progress.Begin("the sandbox is being tested");
        Assert.Equal(2, progress.Unfinished.Count);

        first.Dispose();
        first.Dispose();

        Assert.Equal(["the sandbox is being tested"], progress.Unfinished);
    }
}

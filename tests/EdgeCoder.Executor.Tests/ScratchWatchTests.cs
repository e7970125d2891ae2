using EdgeCoder.Executor.Running;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests;

public sealed class ScratchWatchTests
{
    [Fact]
    public void Too_many_files_are_seen()
    {
        using var place = new TemporaryDirectory();
        for (var i = 0; i < LimitPlan.ScratchFiles; i++)
        {
            place.Write($"d{i % 10}/f{i}", "");
        }

        Assert.True(new ScratchWatch(place.Path).Exceeds());
    }

    [Fact]
    public void Too_many_bytes_are_seen()
    {
        using var place = new TemporaryDirectory();
        using (var file = File.Create(place["large"]))
        {
            file.SetLength(LimitPlan.ScratchBytes + 1);
        }

        Assert.True(new ScratchWatch(place.Path).Exceeds());
    }

    [Fact]
    public void Links_weigh_nothing_and_are_not_gone_through()
    {
        using var place = new TemporaryDirectory();
        place.Write("file", "text");
        File.CreateSymbolicLink(place["everything"], "/");
        File.CreateSymbolicLink(place["itself"], place.Path);

        Assert.False(new ScratchWatch(place.Path).Exceeds());
    }

    [Fact]
    public void Directory_that_is_gone_holds_nothing() => Assert.False(new ScratchWatch("/nowhere/at-all").Exceeds());
}

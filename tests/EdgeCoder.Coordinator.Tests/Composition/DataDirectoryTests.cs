using EdgeCoder.Coordinator.Composition;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Coordinator.Tests.Composition;

public sealed class DataDirectoryTests
{
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void Only_silos_of_one_server_share_a_directory(bool firstShares, bool secondShares, bool together)
    {
        using var directory = new TemporaryDirectory();
        using var first = DataDirectory.Take(directory["data"], firstShares);
        var refused = Record.Exception(() => DataDirectory.Take(directory["data"], secondShares).Dispose());
        Assert.Equal(together, refused is null);
        if (!together)
        {
            Assert.Contains("End it", Assert.IsType<IOException>(refused).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_is_free_again_after_its_process_has_ended()
    {
        using var directory = new TemporaryDirectory();
        DataDirectory.Take(directory["data"], shared: true).Dispose();
        DataDirectory.Take(directory["data"], shared: false).Dispose();
    }
}

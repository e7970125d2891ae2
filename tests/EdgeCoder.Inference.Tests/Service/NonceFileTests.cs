using EdgeCoder.Inference.Service;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Service;

public sealed class NonceFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Nonce_is_used_once_by_each_key_until_it_expires()
    {
        using var nonces = new NonceFile(_directory.Path, 0);
        Assert.True(nonces.TryUse("peer:a", "n", 0, 100));
        Assert.False(nonces.TryUse("peer:a", "n", 99, 199));
        Assert.True(nonces.TryUse("peer:b", "n", 0, 100));
        Assert.True(nonces.TryUse("peer:a", "n", 100, 200));
    }

    [Fact]
    public void Line_that_a_crash_cut_loses_none_of_the_others()
    {
        using (var nonces = new NonceFile(_directory.Path, 0))
        {
            Assert.True(nonces.TryUse("peer:a", "one", 0, 100));
        }

        File.AppendAllText(Path.Combine(_directory.Path, "inference-nonces"), "100 abc");
        using (var again = new NonceFile(_directory.Path, 0))
        {
            Assert.False(again.TryUse("peer:a", "one", 0, 100));
            Assert.True(again.TryUse("peer:a", "two", 0, 100));
        }

        using var third = new NonceFile(_directory.Path, 0);
        Assert.False(third.TryUse("peer:a", "two", 0, 100));
    }

    [Fact]
    public void File_holds_no_more_than_what_still_counts()
    {
        using (var nonces = new NonceFile(_directory.Path, 0))
        {
            for (var i = 0; i < 50; i++)
            {
                nonces.TryUse("peer:a", $"n{i}", 0, i < 40 ? 10 : 1_000);
            }
        }

        using (new NonceFile(_directory.Path, 500))
        {
        }

        Assert.Equal(10, File.ReadAllLines(Path.Combine(_directory.Path, "inference-nonces")).Length);
    }
}

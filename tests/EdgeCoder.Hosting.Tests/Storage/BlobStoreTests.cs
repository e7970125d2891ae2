using System.Security.Cryptography;
using CsCheck;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Hosting.Tests.Storage;

public sealed class BlobStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly BlobStore _blobs;

    public BlobStoreTests() => _blobs = new(_directory.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_blob_reads_as_it_was_stored() =>
        await Gen.Byte.Array[0, 300_000].SampleAsync(
            async bytes =>
            {
                var sha256 = await _blobs.PutBytesAsync(bytes, Token);
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), sha256);
                Assert.Equal(bytes, await _blobs.ReadBytesAsync(sha256, 300_000, Token));
            },
            iter: 20);

    [Fact]
    public async Task Bytes_of_another_digest_are_refused_and_leave_nothing()
    {
        var digest = Digest("right"u8);
        var refusal = await Assert.ThrowsAsync<Refusal>(() => _blobs.PutAsync(new MemoryStream("wrong"u8.ToArray()), digest, 100, Token));
        Assert.Equal((400, "blob_digest_mismatch"), (refusal.Status, refusal.Error));
        Assert.False(_blobs.Exists(digest));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Blob_over_the_limit_is_refused_and_leaves_nothing()
    {
        var bytes = new byte[1_001];
        var refusal = await Assert.ThrowsAsync<Refusal>(() => _blobs.PutAsync(new MemoryStream(bytes), Digest(bytes), 1_000, Token));
        Assert.Equal((413, "payload_too_large"), (refusal.Status, refusal.Error));
        Assert.Empty(Files());
        Assert.Equal(1_001, await _blobs.PutAsync(new MemoryStream(bytes), Digest(bytes), 1_001, Token));
    }

    [Fact]
    public async Task Sender_that_breaks_off_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => _blobs.PutAsync(new BreakingStream(), Digest("x"u8), 100, Token));
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(199)]
    public async Task Blob_with_one_changed_bit_is_never_read_and_can_be_stored_again(int position)
    {
        var bytes = new byte[200];
        var sha256 = await _blobs.PutBytesAsync(bytes, Token);
        var changed = bytes.ToArray();
        changed[position] ^= 1;
        await File.WriteAllBytesAsync(_directory[$"blobs/{sha256[..2]}/{sha256}"], changed, Token);

        Assert.Equal("blob_damaged", Assert.Throws<Refusal>(() => _blobs.Open(sha256)).Error);
        Assert.Null(_blobs.Open(sha256));
        await _blobs.PutBytesAsync(bytes, Token);
        Assert.Equal(bytes, await _blobs.ReadBytesAsync(sha256, 1_000, Token));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/")]
    public async Task Name_that_is_no_digest_reaches_no_file(string name)
    {
        Assert.False(_blobs.Exists(name));
        Assert.Null(_blobs.Open(name));
        Assert.Equal("validation_failed", (await Assert.ThrowsAsync<Refusal>(() => _blobs.PutAsync(Stream.Null, name, 100, Token))).Error);
    }

    [Fact]
    public async Task Blobs_are_the_owners_alone()
    {
        var sha256 = await _blobs.PutBytesAsync("secret"u8.ToArray(), Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory[$"blobs/{sha256[..2]}/{sha256}"]));
    }

    [Fact]
    public async Task Many_writers_of_one_blob_leave_one_whole_blob()
    {
        var bytes = new byte[100_000];
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _blobs.PutBytesAsync(bytes, Token), Token)));
        Assert.Equal(bytes, await _blobs.ReadBytesAsync(Digest(bytes), 100_000, Token));
        Assert.Single(Files());
    }

    [Fact]
    public async Task What_a_killed_upload_left_is_removed_when_it_is_old()
    {
        var sha256 = await _blobs.PutBytesAsync("kept"u8.ToArray(), Token);
        var left = _directory.Write("blobs/unfinished/left", "half");
        _blobs.RemoveUnfinished(new DateTimeOffset(File.GetLastWriteTimeUtc(left)));
        Assert.True(File.Exists(left));
        _blobs.RemoveUnfinished(new DateTimeOffset(File.GetLastWriteTimeUtc(left)).AddSeconds(1));
        Assert.False(File.Exists(left));
        Assert.True(_blobs.Exists(sha256));
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string[] Files() => Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories);

    private sealed class BreakingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The sender is gone.");
    }
}

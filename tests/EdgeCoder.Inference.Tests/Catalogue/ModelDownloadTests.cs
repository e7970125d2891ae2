using System.Collections.Concurrent;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Catalogue;

public sealed class ModelDownloadTests : IAsyncLifetime
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private static readonly byte[] File1 = TinyGguf.Create(payloadBytes: 300_000);
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<TransferProgress> _progress = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ModelStore _store;
    private RangeFileServer _server = null!;

    public ModelDownloadTests() => _store = new(_directory.Path);

    public async ValueTask InitializeAsync() => _server = await RangeFileServer.StartAsync(File1);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static ModelDigest Digest(byte[] bytes) => ModelDigest.FromHash(System.Security.Cryptography.SHA256.HashData(bytes));

    private DownloadRequest Request(string id = "tiny", long? size = null, ModelDigest? digest = null) => new()
    {
        Source = _server.Address, Digest = digest ?? Digest(File1), SizeBytes = size, Description = new() { ModelId = id },
    };

    private SourceAllowList Loopback()
    {
        Assert.True(SourceAllowList.TryParse(_server.Address.GetLeftPart(UriPartial.Authority) + "/", out var list, out _));
        return list;
    }

    private async Task<StoredModel> RunAsync(DownloadRequest? request = null, CancellationToken? cancellationToken = null)
    {
        using var download = new ModelDownload(_store, Loopback(), TimeProvider.System);
        return await download.RunAsync(request ?? Request(), new Sink(Seen), cancellationToken ?? Token);
    }

    private async Task<ModelException> RefusedAsync(DownloadRequest? request = null)
    {
        var e = await Assert.ThrowsAsync<ModelException>(() => RunAsync(request));
        Assert.Empty(_store.List());
        Assert.False(File.Exists(_store.Layout.Blob((request ?? Request()).Digest)));
        return e;
    }

    [Fact]
    public async Task File_is_fetched_checked_and_named()
    {
        var model = await RunAsync(Request(size: File1.Length));

        Assert.Equal(File1, await File.ReadAllBytesAsync(model.Path, Token));
        Assert.Equal("Q4_K_M", model.Quantization);
        Assert.Equal(model.Path, await _store.VerifyAsync(model, Token));
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(_store.Layout.Partial(model.Digest))!));
    }

    [Fact]
    public async Task Progress_counts_the_whole_file_and_never_goes_back()
    {
        _server.Faults.Enqueue(new() { CutAfterBytes = 100_000 });

        await RunAsync();

        var seen = _progress.ToList();
        Assert.Equal(seen.Select(p => p.CompletedBytes).Order(), seen.Select(p => p.CompletedBytes));
        Assert.Equal(100, seen[^1].Percent);
        Assert.All(seen.Where(p => p.Status == "downloading"), p => Assert.Equal(File1.Length, p.TotalBytes));
    }

    [Fact]
    public async Task Cut_download_continues_where_it_stopped()
    {
        _server.Faults.Enqueue(new() { CutAfterBytes = 100_000 });

        await RunAsync();

        Assert.Equal("", _server.Ranges.First());
        Assert.Matches("^bytes=[1-9][0-9]*-$", _server.Ranges.Last());
    }

    [Fact]
    public async Task Cancelled_download_keeps_what_it_has_and_the_next_one_goes_on()
    {
        var never = new TaskCompletionSource();
        _server.Faults.Enqueue(new() { WaitFor = never.Task });
        using var cancel = new CancellationTokenSource();
        var running = RunAsync(cancellationToken: cancel.Token);
        await _server.Waiting.Task.WaitAsync(Token);
        await _started.Task.WaitAsync(Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(_store.List());

        await RunAsync();
        Assert.Matches("^bytes=[1-9][0-9]*-$", _server.Ranges.Last());
    }

    [Fact]
    public async Task Changed_byte_is_refused_and_the_file_deleted()
    {
        _server.Faults.Enqueue(new() { ChangedByteAt = 200_000 });

        Assert.Equal("checksum_mismatch", (await RefusedAsync()).Code);
        Assert.False(File.Exists(_store.Layout.Partial(Digest(File1))));
    }

    [Fact]
    public async Task File_that_changed_between_two_tries_is_begun_anew()
    {
        var newer = TinyGguf.Create(payloadBytes: 300_000, seed: 2);
        _server.Faults.Enqueue(new() { CutAfterBytes = 100_000 });
        _server.Faults.Enqueue(new() { Status = 503 });
        await Assert.ThrowsAsync<ModelException>(() => RunAsync(Request(digest: Digest(newer))));
        (_server.Content, _server.Tag) = (newer, "\"v2\"");

        var model = await RunAsync(Request(digest: Digest(newer)));

        Assert.Equal(newer, await File.ReadAllBytesAsync(model.Path, Token));
    }

    [Fact]
    public async Task Server_that_mixes_two_versions_against_If_Range_is_noticed()
    {
        var newer = TinyGguf.Create(payloadBytes: 300_000, seed: 2);
        _server.Faults.Enqueue(new() { CutAfterBytes = 100_000 });
        _server.Faults.Enqueue(new() { Status = 503 });
        await Assert.ThrowsAsync<ModelException>(() => RunAsync(Request(digest: Digest(newer))));
        (_server.Content, _server.Tag) = (newer, "\"v2\"");
        _server.Faults.Enqueue(new() { IgnoresIfRange = true });

        var model = await RunAsync(Request(digest: Digest(newer)));

        Assert.Equal(newer, await File.ReadAllBytesAsync(model.Path, Token));
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public async Task Server_that_cannot_continue_is_asked_for_the_whole(bool ignoresRange, bool refusesRange, bool weakTag)
    {
        _server.Faults.Enqueue(new() { CutAfterBytes = 100_000, WeakTag = weakTag });
        _server.Faults.Enqueue(new() { IgnoresRange = ignoresRange, RefusesRange = refusesRange, WeakTag = weakTag });

        var model = await RunAsync();

        Assert.Equal(File1, await File.ReadAllBytesAsync(model.Path, Token));
    }

    [Fact]
    public async Task Connection_that_is_cut_without_end_gives_up_and_says_how_to_go_on()
    {
        for (var i = 0; i < 10; i++)
        {
            _server.Faults.Enqueue(new() { CutAfterBytes = 1000, WeakTag = true });
        }

        Assert.Equal("stream_interrupted", (await RefusedAsync()).Code);
    }

    [Fact]
    public async Task Endless_body_without_a_length_is_not_taken()
    {
        _server.Faults.Enqueue(new() { Endless = true });

        Assert.Equal("size_mismatch", (await RefusedAsync()).Code);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public async Task Other_size_than_the_catalogue_says_is_refused_before_the_first_byte(int difference)
    {
        _server.Faults.Enqueue(new() { WrongLength = File1.Length + difference });

        Assert.Equal("size_mismatch", (await RefusedAsync(Request(size: File1.Length))).Code);
        Assert.DoesNotContain(_progress, p => p.Status == "downloading");
    }

    [Fact]
    public async Task Longer_file_without_a_known_size_fails_its_digest()
    {
        _server.Faults.Enqueue(new() { WrongLength = File1.Length + 1000 });

        Assert.Equal("checksum_mismatch", (await RefusedAsync()).Code);
    }

    [Theory]
    [InlineData("http://example.com/model.gguf")]
    [InlineData("ftp://127.0.0.1/model.gguf")]
    public async Task Redirect_to_anything_but_https_is_not_followed(string location)
    {
        _server.Faults.Enqueue(new() { Location = location });

        Assert.Equal("redirect_refused", (await RefusedAsync()).Code);
    }

    [Fact]
    public async Task A_manifests_redirect_to_an_unlisted_source_is_not_followed()
    {
        _server.Faults.Enqueue(new() { Location = "https://elsewhere.example/model.gguf" });

        Assert.Equal("source_not_allowed", (await RefusedAsync(Request() with { OnlyListedHops = true })).Code);
    }

    [Fact]
    public async Task Endless_redirects_end()
    {
        for (var i = 0; i < 20; i++)
        {
            _server.Faults.Enqueue(new() { Location = "/again" });
        }

        Assert.Equal("redirect_refused", (await RefusedAsync()).Code);
    }

    [Fact]
    public async Task Source_that_is_not_on_the_list_is_not_asked()
    {
        using var download = new ModelDownload(_store, SourceAllowList.Default, TimeProvider.System);

        var e = await Assert.ThrowsAsync<ModelException>(() => download.RunAsync(Request(), null, Token));

        Assert.Equal("source_not_allowed", e.Code);
        Assert.Empty(_server.Ranges);
    }

    [Fact]
    public async Task No_network_says_so_and_leaves_nothing()
    {
        var request = Request();
        await _server.DisposeAsync();

        var e = await RefusedAsync(request);

        Assert.Equal("network_unavailable", e.Code);
        Assert.Contains("models add", e.Hint, StringComparison.Ordinal);
        Assert.False(File.Exists(_store.Layout.Partial(request.Digest)));
    }

    [Fact]
    public async Task Two_downloads_of_one_file_at_once_fetch_it_once()
    {
        var go = new TaskCompletionSource();
        _server.Faults.Enqueue(new() { WaitFor = go.Task });
        var first = RunAsync(Request("one"));
        await _server.Waiting.Task.WaitAsync(Token);
        var second = RunAsync(Request("two"));
        await _waits.Task.WaitAsync(Token);

        go.SetResult();
        await Task.WhenAll(first, second);

        Assert.Single(_server.Ranges);
        Assert.Equal(["one", "two"], _store.List().Select(model => model.ModelId));
    }

    [Fact]
    public async Task File_with_the_right_digest_that_is_no_model_is_not_kept()
    {
        _server.Content = [.. "<html>sign in</html>"u8];

        Assert.Equal("model_file_invalid", (await RefusedAsync(Request(digest: Digest(_server.Content)))).Code);
    }

    [Fact]
    public void No_room_on_the_disk_is_said_before_the_first_byte()
    {
        var e = Assert.Throws<ModelException>(() => DiskSpace.Require("/somewhere/models", bytes: 5L << 30, free: 4L << 30));

        Assert.Equal("disk_full", e.Code);
        Assert.Contains("EDGECODER_DATA_DIR", e.Hint, StringComparison.Ordinal);
    }

    private void Seen(TransferProgress progress)
    {
        _progress.Enqueue(progress);
        if (progress.CompletedBytes > 0)
        {
            _started.TrySetResult();
        }

        if (progress.Status.StartsWith("waiting", StringComparison.Ordinal))
        {
            _waits.TrySetResult();
        }
    }

    // Progress<T> would report later, on another thread.
    private sealed class Sink(Action<TransferProgress> seen) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => seen(value);
    }
}

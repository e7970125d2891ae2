using System.Security.Cryptography;
using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Providers;

/// <summary><c>edgecoder models pull</c> as a person runs it, with a server on loopback in place of the internet.</summary>
public sealed class ModelPullTests : IAsyncLifetime
{
    private static readonly byte[] Model = TinyGguf.Create(payloadBytes: 2_000_000);
    private static readonly string Digest = Convert.ToHexStringLower(SHA256.HashData(Model));
    private readonly EdgeCoderRun _edgecoder = new();
    private RangeFileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RangeFileServer.StartAsync(Model);
        _edgecoder.Environment["MODEL_SOURCE_ALLOWLIST"] = _server.Address.GetLeftPart(UriPartial.Authority) + "/";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _edgecoder.Dispose();
    }

    private string[] Pull(string id) => ["models", "pull", id, "--from", _server.Address.ToString(), "--sha256", Digest];

    private IEnumerable<string> Stored() => Directory.Exists(_edgecoder.DataDirectory)
        ? Directory.EnumerateFiles(_edgecoder.DataDirectory, "*.gguf", SearchOption.AllDirectories)
        : [];

    [Fact]
    public async Task Pulled_model_is_listed_and_active()
    {
        var pulled = await _edgecoder.ToEndAsync(Pull("tiny"));
        Assert.True(pulled.ExitCode == 0, pulled.ToString());

        var listed = await _edgecoder.ToEndAsync("models", "list");
        Assert.Matches(@"(?m)^\* tiny ", listed.Output);
        Assert.Equal(Digest, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Assert.Single(Stored()), TestContext.Current.CancellationToken))));
    }

    [Fact]
    public async Task Changed_byte_is_a_failure_that_leaves_nothing()
    {
        _server.Faults.Enqueue(new() { ChangedByteAt = 1_000_000 });

        var pulled = await _edgecoder.ToEndAsync(Pull("tiny"));

        Assert.True(pulled.ExitCode == 1, pulled.ToString());
        Assert.Contains("digest", pulled.Error, StringComparison.Ordinal);
        Assert.Empty(Stored());
    }

    [Fact]
    public async Task No_network_is_a_failure_that_says_what_to_do_and_leaves_nothing()
    {
        await _server.DisposeAsync();

        var pulled = await _edgecoder.ToEndAsync(Pull("tiny"));

        Assert.True(pulled.ExitCode == 1, pulled.ToString());
        Assert.Contains("models add", pulled.Error, StringComparison.Ordinal);
        Assert.Empty(Stored());
    }

    [Fact]
    public async Task Killed_pull_goes_on_where_it_was()
    {
        _server.Faults.Enqueue(new() { WaitFor = new TaskCompletionSource().Task });
        using (var killed = _edgecoder.Start(Pull("tiny")))
        {
            await _server.Waiting.Task.WaitAsync(ProgramRun.Patience, TestContext.Current.CancellationToken);

            // Half of the file is on its way; its arrival shows on the progress lines.
            string? line;
            do
            {
                line = await killed.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            }
            while (line is not null && !line.Contains("downloading", StringComparison.Ordinal));

            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(Stored());
        var pulled = await _edgecoder.ToEndAsync(Pull("tiny"));

        Assert.True(pulled.ExitCode == 0, pulled.ToString());
        Assert.Matches("^bytes=[1-9][0-9]*-$", _server.Ranges.Last());
    }

    [Fact]
    public async Task Two_processes_fetch_one_file_once()
    {
        var go = new TaskCompletionSource();
        _server.Faults.Enqueue(new() { WaitFor = go.Task });
        var first = _edgecoder.ToEndAsync(Pull("one"));
        await _server.Waiting.Task.WaitAsync(ProgramRun.Patience, TestContext.Current.CancellationToken);
        using var second = _edgecoder.Start(Pull("two"));
        string? line;
        do
        {
            line = await second.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.Contains("waiting", StringComparison.Ordinal));

        go.SetResult();
        var ended = await first;
        await second.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal(0, second.ExitCode);
        Assert.Single(_server.Ranges);
    }

    [Fact]
    public async Task Nothing_is_downloaded_without_a_digest()
    {
        var pulled = await _edgecoder.ToEndAsync("models", "pull", "tiny", "--from", _server.Address.ToString());

        Assert.True(pulled.ExitCode == 2, pulled.ToString());
        Assert.Empty(_server.Ranges);
    }
}

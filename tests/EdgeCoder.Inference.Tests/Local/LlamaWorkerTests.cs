using System.IO.Pipelines;
using System.Text;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>The worker's lines, without a process around them.</summary>
public sealed class LlamaWorkerTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Pipe _input = new();
    private readonly Pipe _output = new();
    private readonly LineStream _lines;
    private readonly Task<int> _worker;

    public LlamaWorkerTests()
    {
        _lines = new LineStream(_output.Reader.AsStream(), _input.Writer.AsStream());
        _worker = LlamaWorker.RunAsync(_input.Reader.AsStream(), _output.Writer.AsStream(), TestContext.Current.CancellationToken);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _input.Writer.CompleteAsync();
        Assert.Equal(0, await _worker);
        await _lines.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Question_about_a_model_that_is_not_open_is_answered_with_an_error()
    {
        await SendAsync(new() { Id = 5, Count = "x" });
        var reply = await NextAsync();
        Assert.Equal((5L, "model_not_loaded"), (reply.Id, reply.Error!.Code));
    }

    [Fact]
    public async Task Request_that_asks_nothing_is_an_error()
    {
        await SendAsync(new() { Id = 6 });
        Assert.Equal("invalid_request", (await NextAsync()).Error!.Code);
    }

    [Fact]
    public async Task Unloaded_model_is_gone_and_can_be_loaded_again()
    {
        var load = new LoadArguments { Path = new SyntheticModel().Save(_directory["m.gguf"]), Slots = 1 };
        for (var round = 0; round < 3; round++)
        {
            await SendAsync(new() { Id = 1, Load = load });
            Assert.NotNull((await LastAsync()).Loaded);
            await SendAsync(new() { Id = 2, Unload = true });
            Assert.True((await NextAsync()).Done);
            await SendAsync(new() { Id = 3, Health = true });
            Assert.False((await NextAsync()).Health!.Loaded);
        }
    }

    [Fact]
    public async Task Cancellation_sent_right_behind_a_request_finds_it()
    {
        await SendAsync(new() { Id = 1, Load = new() { Path = new SyntheticModel().Save(_directory["m.gguf"]), Slots = 1 } });
        await LastAsync();
        await SendAsync(new() { Id = 2, Generate = new() { Prompt = "x", MaxTokens = 4000, Grammar = "root ::= [a-z]*" } });
        await SendAsync(new() { Id = 0, Cancel = 2 });
        Assert.False((await LastAsync()).Done);
    }

    [Fact]
    public async Task Cancellation_of_nothing_changes_nothing()
    {
        await SendAsync(new() { Id = 0, Cancel = 99 });
        await SendAsync(new() { Id = 3, Health = true });
        Assert.Equal(3, (await NextAsync()).Id);
    }

    [Fact]
    public async Task Line_that_is_no_request_ends_the_worker_without_quoting_it()
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes("secret prompt\n"));
        using var output = new MemoryStream();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => LlamaWorker.RunAsync(input, output, Cancellation));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    private ValueTask SendAsync(WorkerRequest request) => _lines.WriteAsync(request, WorkerJson.Default.WorkerRequest, Cancellation);

    private async Task<WorkerReply> NextAsync() => (await _lines.ReadAsync(WorkerJson.Default.WorkerReply, Cancellation))!;

    private async Task<WorkerReply> LastAsync()
    {
        while (true)
        {
            if (await NextAsync() is { IsLast: true } reply)
            {
                return reply;
            }
        }
    }
}

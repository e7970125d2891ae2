using System.Diagnostics;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Local;

/// <summary>The real child process, also killed, stopped and broken.</summary>
public sealed class LlamaWorkerClientTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _path;

    public LlamaWorkerClientTests() => _path = new SyntheticModel().Save(_directory["m.gguf"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Model_opens_answers_and_counts_in_a_process_of_its_own()
    {
        await using var client = await ClientAsync();
        var loaded = await client.OpenAsync(progress: null, Cancellation);
        Assert.Equal(("MIT", 4096), (loaded.License, loaded.ContextSize));
        Assert.NotEqual(Environment.ProcessId, client.ProcessId);

        var (text, end) = await GenerateAsync(client, Say("hello", maxTokens: 20));
        Assert.NotEmpty(text);
        Assert.Equal(20, end.GeneratedTokens);
        Assert.Equal("length", end.End);
        Assert.Equal(4, await client.CountAsync("xxxx", Cancellation));
        Assert.StartsWith("<|im_start|>user\nhello", (await client.RenderAsync([new("user", "hello")], Cancellation)).Text, StringComparison.Ordinal);
        Assert.True((await client.HealthAsync(Cancellation)).Loaded);
    }

    [Fact]
    public async Task Requests_at_the_same_time_each_get_their_own_text()
    {
        await using var client = await ClientAsync();
        var texts = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
            (i, (await GenerateAsync(client, Say("x", 40) with { Grammar = $"root ::= \"answer {i}\"" })).Text)));
        Assert.All(texts, entry => Assert.Equal($"answer {entry.i}", entry.Text));
    }

    [Fact]
    public async Task File_with_one_changed_byte_is_refused_before_it_is_opened()
    {
        var digest = await ModelDigest.OfFileAsync(_path, Cancellation);
        var bytes = await File.ReadAllBytesAsync(_path, Cancellation);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(_path, bytes, Cancellation);
        await using var client = new LlamaWorkerClient(_path, digest.Hex, WorkerHost.Options, TimeProvider.System);
        Assert.Equal("checksum_mismatch", (await OpenFailureAsync(client)).Code);
    }

    [Fact]
    public async Task Missing_file_is_model_not_found()
    {
        await using var client = new LlamaWorkerClient(_directory["none.gguf"], null, WorkerHost.Options, TimeProvider.System);
        Assert.Equal("model_not_found", (await OpenFailureAsync(client)).Code);
    }

    [Fact]
    public async Task Prompt_without_room_is_refused_with_both_numbers()
    {
        await using var client = await ClientAsync();
        var error = await Assert.ThrowsAsync<ModelException>(() => GenerateAsync(client, Say(new string('q', 4090), 100)));
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Contains("100 are reserved", error.Message, StringComparison.Ordinal);
        Assert.Contains("4096", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_killed_in_mid_answer_fails_that_answer_and_the_next_one_works()
    {
        await using var client = await ClientAsync();
        var first = 0;
        var error = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var reply in client.GenerateAsync(Long, Cancellation))
            {
                if (Interlocked.Exchange(ref first, client.ProcessId) == 0)
                {
                    using var process = Process.GetProcessById(client.ProcessId);
                    process.Kill();
                }
            }
        });
        Assert.Equal("worker_gone", error.Code);
        Assert.NotEmpty((await GenerateAsync(client, Say("again", 8))).Text);
        Assert.NotEqual(first, client.ProcessId);
    }

    [Fact]
    public async Task Process_that_hangs_in_mid_answer_is_killed_and_the_next_answer_works()
    {
        var time = new FakeTimeProvider();
        await using var client = new LlamaWorkerClient(_path, null, WorkerHost.Options, time);
        var stopped = false;
        var stoppedEnd = new TaskCompletionSource();
        var answer = Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var reply in client.GenerateAsync(Long, Cancellation))
            {
                if (!stopped)
                {
                    stopped = true;
                    using var kill = Process.Start(new ProcessStartInfo("kill") { ArgumentList = { "-STOP", $"{client.ProcessId}" } })!;
                    await kill.WaitForExitAsync(Cancellation);
                    _ = LetTimePassAsync(time, until: stoppedEnd.Task);
                }
            }
        });
        var error = await answer;
        stoppedEnd.SetResult();
        Assert.Equal("worker_hung", error.Code);
        Assert.NotEmpty((await GenerateAsync(client, Say("again", 8))).Text);
    }

    [Theory]
    [InlineData("mute", "worker_hung")]
    [InlineData("babbles", "worker_hung")]
    public async Task Silent_worker_is_given_up_and_leaves_no_process(string way, string code)
    {
        var time = new FakeTimeProvider();
        await using var client = new LlamaWorkerClient(_path, null, WorkerHost.Broken(way), time);
        var failure = OpenFailureAsync(client);
        await LetTimePassAsync(time, until: failure);
        Assert.Equal(code, (await failure).Code);
        Assert.Equal(0, client.ProcessId);
    }

    [Theory]
    [InlineData("quits", "7")]
    [InlineData("no such way", "2")]
    public async Task Worker_that_ends_by_itself_is_an_error_that_tells_its_exit_code(string way, string exitCode)
    {
        await using var client = new LlamaWorkerClient(_path, null, WorkerHost.Broken(way), TimeProvider.System);
        var error = await OpenFailureAsync(client);
        Assert.Equal("worker_gone", error.Code);
        Assert.Contains("exit code " + exitCode, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, client.ProcessId);
    }

    [Fact]
    public async Task Program_that_does_not_exist_is_an_error()
    {
        await using var client = new LlamaWorkerClient(_path, null, new() { FileName = _directory["none"] }, TimeProvider.System);
        Assert.Equal("worker_gone", (await OpenFailureAsync(client)).Code);
    }

    [Fact]
    public async Task Cancelled_answer_ends_and_the_process_stays()
    {
        await using var client = await ClientAsync();
        await client.OpenAsync(progress: null, Cancellation);
        var process = client.ProcessId;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GenerateAsync(Long, source.Token))
            {
                await source.CancelAsync();
            }
        });
        Assert.NotEmpty((await GenerateAsync(client, Say("next", 8))).Text);
        Assert.Equal(process, client.ProcessId);
    }

    [Fact]
    public async Task Answer_that_nobody_reads_to_its_end_is_stopped()
    {
        await using var client = await ClientAsync(WorkerHost.Options with { Slots = 1 });
        await foreach (var _ in client.GenerateAsync(Long, Cancellation))
        {
            break;
        }

        // With one slot this waits for ever if the first one went on.
        Assert.Equal(8, (await GenerateAsync(client, Say("next", 8))).End.GeneratedTokens);
    }

    [Fact]
    public async Task Worker_ends_when_its_parent_is_gone_although_it_computes()
    {
        var start = new ProcessStartInfo(WorkerHost.Options.FileName, WorkerHost.Options.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await using var lines = new LineStream(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
        await lines.WriteAsync(new() { Id = 1, Load = new() { Path = _path } }, WorkerJson.Default.WorkerRequest, Cancellation);
        while (await lines.ReadAsync(WorkerJson.Default.WorkerReply, Cancellation) is { Loaded: null, Error: null })
        {
        }

        await lines.WriteAsync(new() { Id = 2, Generate = Long }, WorkerJson.Default.WorkerRequest, Cancellation);
        Assert.NotNull((await lines.ReadAsync(WorkerJson.Default.WorkerReply, Cancellation))?.Text);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Worker_sees_nothing_of_the_persons_environment()
    {
        Environment.SetEnvironmentVariable("EDGECODER_TEST_SECRET", "for nobody");
        await using var client = await ClientAsync();
        await client.OpenAsync(progress: null, Cancellation);
        var environment = await File.ReadAllTextAsync($"/proc/{client.ProcessId}/environ", Cancellation);
        Assert.DoesNotContain("EDGECODER_TEST_SECRET", environment, StringComparison.Ordinal);
        Assert.Contains("DOTNET_TieredPGO=0", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_client_has_no_process_and_takes_no_request()
    {
        var client = await ClientAsync();
        await client.OpenAsync(progress: null, Cancellation);
        using var process = Process.GetProcessById(client.ProcessId);
        await client.DisposeAsync();
        Assert.True(process.HasExited);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.OpenAsync(progress: null, Cancellation));
    }

    private static GenerateArguments Long => Say("long", 4000) with { Grammar = "root ::= [a-z]{0,1999} [a-z]{1999} [a-z]*" };

    private static GenerateArguments Say(string text, int maxTokens) => new() { Turns = [new("user", text)], MaxTokens = maxTokens, Grammar = "root ::= [a-z]*" };

    private async Task<LlamaWorkerClient> ClientAsync(LlamaWorkerOptions? options = null) =>
        new(_path, (await ModelDigest.OfFileAsync(_path, Cancellation)).Hex, options ?? WorkerHost.Options, TimeProvider.System);

    private static async Task LetTimePassAsync(FakeTimeProvider time, Task until)
    {
        while (!until.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private static Task<ModelException> OpenFailureAsync(LlamaWorkerClient client) =>
        Assert.ThrowsAsync<ModelException>(() => client.OpenAsync(progress: null, Cancellation));

    private static async Task<(string Text, GeneratedReply End)> GenerateAsync(LlamaWorkerClient client, GenerateArguments arguments)
    {
        var replies = await client.GenerateAsync(arguments, Cancellation).ToListAsync(Cancellation);
        return (string.Concat(replies.Select(reply => reply.Text)), replies[^1].Generated!);
    }
}

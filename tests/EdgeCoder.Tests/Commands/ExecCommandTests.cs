using EdgeCoder.Commands;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Commands;

/// <summary>What <c>exec</c> does while it waits for its own input, with a clock and streams of the test's own.</summary>
public sealed class ExecCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestConsole _console = new();
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly OpenPipe _pipe = new();

    public void Dispose()
    {
        _directory.Dispose();
        _console.Dispose();
        _output.Dispose();
        _error.Dispose();
        _pipe.Dispose();
    }

    [Fact]
    public async Task Waiting_for_a_pipe_that_stays_open_is_said_and_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var running = CommandLine.RunAsync(["exec", _directory.Write("a.py", "pass\n")], World(), cancel.Token);
        await _pipe.Asked;
        Assert.Equal("", _error.ToString());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("waiting for standard input to end", _error.ToString(), StringComparison.Ordinal);
        await cancel.CancelAsync();
        Assert.Equal((int)ExitCode.Cancelled, await running);
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public async Task A_file_given_as_input_needs_no_waiting()
    {
        var exit = await CommandLine.RunAsync(["exec", _directory.Write("a.py", "pass\n"), "--stdin", _directory["none"], "--json"], World(), TestContext.Current.CancellationToken);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains("\"stdin_missing\"", _output.ToString(), StringComparison.Ordinal);
        Assert.False(_pipe.Asked.IsCompleted);
    }

    [Fact]
    public async Task A_limit_is_refused_before_anything_is_read()
    {
        var exit = await CommandLine.RunAsync(["exec", "-", "--time", "soon", "--json"], World(), TestContext.Current.CancellationToken);
        Assert.Equal((int)ExitCode.Usage, exit);
        Assert.Contains("\"invalid_limit\"", _output.ToString(), StringComparison.Ordinal);
        Assert.False(_pipe.Asked.IsCompleted);
    }

    private Surroundings World() => new()
    {
        Console = _console,
        ErrorConsole = _console,
        Output = _output,
        Error = _error,
        Input = () => _pipe,
        InputRedirected = true,
        Terminals = (false, false),
        Environment = name => name == "EDGECODER_DATA_DIR" ? _directory["data"] : null,
        Time = _time,
        Interactive = false,
        Directory = _directory.Path,
        Person = new(false, () => null, () => { }),
        Width = () => 80,
    };

    /// <summary>A pipe that nobody writes to and nobody closes.</summary>
    private sealed class OpenPipe : MemoryStream
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await new TaskCompletionSource().Task;
            return 0;
        }
    }
}

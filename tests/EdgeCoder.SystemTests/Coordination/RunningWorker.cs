using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>A real worker process with a home of its own, as on another machine. It can be killed and started again.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();
    private readonly List<string> _said = [];
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    /// <summary>Its directories.</summary>
    public EdgeCoderRun Run { get; } = new();

    /// <summary>Everything it said, for a failing test.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>Starts <c>edgecoder worker …</c>.</summary>
    public void Start(params string[] arguments)
    {
        _process = Run.Start(["worker", .. arguments, "--json"]);
        _process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, isEvents: true), ReadAsync(_process.StandardError, isEvents: false));
    }

    /// <summary>Waits for an event of a type, with a code or words.</summary>
    public Task<JsonElement> SaysAsync(string type, string? part, CancellationToken cancellationToken) => SaysAsync(said => said == type, part, cancellationToken);

    /// <summary>Waits for an event of one of several types, with a code or words.</summary>
    public async Task<JsonElement> SaysAsync(Func<string?, bool> types, string? part, CancellationToken cancellationToken)
    {
        await foreach (var said in _events.Reader.ReadAllAsync(cancellationToken))
        {
            if (types(said.GetProperty("type").GetString()) && (part is null || said.GetRawText().Contains(part, StringComparison.Ordinal)))
            {
                return said;
            }
        }

        throw new InvalidOperationException($"The worker never said it, {part}: {Said}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            await _reading;
            process.Dispose();
            _process = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Run.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, bool isEvents)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.Add(line);
            }

            if (isEvents && line.StartsWith('{'))
            {
                using var document = JsonDocument.Parse(line);
                _events.Writer.TryWrite(document.RootElement.Clone());
            }
        }
    }
}

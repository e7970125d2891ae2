using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using EdgeCoder.TestKit.Listeners;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Coordination;

/// <summary>A real <c>edgecoder up</c> with a data directory and ports of the test's own. It can be killed and started again.</summary>
internal sealed class RunningCoordinator : IAsyncDisposable
{
    private readonly string _role;
    private readonly List<string> _errors = [];
    private readonly List<HeldPort> _ports = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _said = new();
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    public RunningCoordinator(bool selfAgent, string role = "all-in-one", bool fresh = false)
    {
        _role = role;
        Run = new(fresh);
        foreach (var name in (string[])["COORDINATOR_PORT", "INFERENCE_PORT", "IDE_PROVIDER_PORT", "PORTAL_PORT"])
        {
            var port = HeldPort.Take();
            _ports.Add(port);
            Run.Environment[name] = port.ToString();
        }

        Run.Environment["DISABLE_SELF_AGENT"] = selfAgent ? "false" : "true";
    }

    /// <summary>Its directories; the commands of a person run with them.</summary>
    public EdgeCoderRun Run { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url => new($"http://127.0.0.1:{Run.Environment["COORDINATOR_PORT"]}");

    /// <summary>Its line that said ready.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("It is not running.");

    /// <summary>The file of its store.</summary>
    public string Store => Path.Combine(Run.DataDirectory, "coordinator", "coordinator.db");

    /// <summary>What it wrote to standard error, for a failing test.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var process = Run.Start("up", "--role", _role, "--json");
        _process = process;
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.Add(line.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            using var said = JsonDocument.Parse(line);
            if (said.RootElement.GetProperty("type").GetString() == "ready")
            {
                Ready = said.RootElement.Clone();
                _reading = DrainAsync(process);
                return Stopwatch.GetElapsedTime(begun);
            }
        }

        throw new InvalidOperationException("edgecoder up ended before it was ready: " + Errors);
    }

    /// <summary>Waits until it says a line of a type, after the one that says ready.</summary>
    public Task SaysAsync(string type, CancellationToken cancellationToken) => Said(type).Task.WaitAsync(cancellationToken);

    /// <summary>SIGKILL, and what it left is left as it is.</summary>
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

    /// <summary>One command of a person, which must succeed.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var result = await Run.ToEndAsync(arguments);
        Assert.True(result.ExitCode == 0, $"edgecoder {string.Join(' ', arguments)}: {result}\n--- up\n{Errors}");
        return result.Output;
    }

    /// <summary>The same, with its JSON.</summary>
    public async Task<JsonElement> AskAsync(params string[] arguments) => JsonDocument.Parse((await DoAsync([.. arguments, "--json"])).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement.Clone();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _ports.ForEach(port => port.Dispose());
        Run.Dispose();
    }

    private TaskCompletionSource Said(string type) => _said.GetOrAdd(type, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task DrainAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var said = JsonDocument.Parse(line);
            Said(said.RootElement.GetProperty("type").GetString()!).TrySetResult();
        }
    }
}

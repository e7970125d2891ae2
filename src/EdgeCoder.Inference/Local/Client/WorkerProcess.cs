using System.ComponentModel;
using System.Diagnostics;
using EdgeCoder.Inference.Local.Worker;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Local.Client;

/// <summary>One life of the worker process.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Nothing else of the person's environment is the worker's business: it may hold keys, and variables that change how libraries load.
    private static readonly string[] Inherited =
        ["PATH", "HOME", "LANG", "TMPDIR", "TMP", "TEMP", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "SystemRoot", "USERPROFILE"];

    private readonly Process _process;
    private readonly Task _reading;
    private readonly TimeProvider _time;
    private string? _killedFor;

    private WorkerProcess(Process process, TimeProvider time)
    {
        _process = process;
        _time = time;
        Connection = new WorkerConnection(process.StandardOutput.BaseStream, process.StandardInput.BaseStream, time);
        _reading = ReadAsync();

        // The native library writes to the error stream, also pieces of grammars. It is read so that the worker never waits, and dropped.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
    }

    public WorkerConnection Connection { get; }

    public int Id => _process.Id;

    /// <summary>Ends with the process.</summary>
    public Task Ended => _reading;

    /// <summary>Starts the program.</summary>
    /// <exception cref="ModelException"><c>worker_gone</c> when it cannot be started.</exception>
    public static WorkerProcess Start(LlamaWorkerOptions options, TimeProvider time)
    {
        var start = new ProcessStartInfo(options.FileName, options.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        SetEnvironment(start.Environment);
        try
        {
            return new(Process.Start(start)!, time);
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new ModelException("worker_gone", $"The model process cannot be started: {error.Message}.", inner: error);
        }
    }

    /// <summary>Ends the process at once; open requests fail with this reason.</summary>
    public void Kill(string reason)
    {
        Volatile.Write(ref _killedFor, reason);
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Closes its input, upon which it ends; kills it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Broken already: the process has ended.
        }

        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill("it did not end when its input ended");
        }

        await _reading.ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static void SetEnvironment(IDictionary<string, string?> environment)
    {
        var kept = Inherited.Where(environment.ContainsKey).Select(name => (Name: name, Value: environment[name])).ToList();
        environment.Clear();
        foreach (var (name, value) in kept)
        {
            environment[name] = value;
        }

        // Instrumented code costs a tenth of the speed for longer than most answers take; the collector's own thread costs memory and start time.
        environment["DOTNET_TieredPGO"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";

        // Otherwise a failed assertion starts a debugger on itself before it ends the process.
        environment["GGML_NO_BACKTRACE"] = "1";
    }

    private async Task ReadAsync()
    {
        await Connection.ReadAsync().ConfigureAwait(false);

        // The output ended, so the process is ending; or it wrote what is no reply, and is of no use any more.
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill("it closed its output or wrote what is not a reply");
            await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        Connection.Fail(Reason());
    }

    private ModelException Reason() => Volatile.Read(ref _killedFor) is { } reason
        ? new("worker_hung", $"The model process was ended because {reason}.", "Ask again: it is started anew. If it happens again, use a smaller model or context.")
        : new("worker_gone", $"The model process ended by itself, with {Ending(_process.ExitCode)}.", "Ask again: it is started anew. If it happens again, the model file may be damaged or the memory too small.");

    // .NET reports an ending signal as 128 + its number (ECMA does not say; runtime: SystemNative_WaitPid).
    private static string Ending(int exitCode) => exitCode > 128 && !OperatingSystem.IsWindows() ? $"signal {exitCode - 128}" : $"exit code {exitCode}";
}

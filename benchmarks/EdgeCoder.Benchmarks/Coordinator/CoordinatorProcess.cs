using System.Diagnostics;
using System.Text.Json;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>A coordinator in a process of its own: this program again, with <see cref="CoordinatorChild.Command"/>.</summary>
internal sealed class CoordinatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private CoordinatorProcess(Process process, ChildAnswer began) => (_process, Url, PeerId, ApiKey) = (process, began.Url!, began.PeerId!, began.ApiKey!);

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Its name in signatures.</summary>
    public string PeerId { get; }

    /// <summary>Submits.</summary>
    public string ApiKey { get; }

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<CoordinatorProcess> StartAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CoordinatorProcess).Assembly.Location);
        }

        start.ArgumentList.Add(CoordinatorChild.Command);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
        return new(process, await ReadAsync(process));
    }

    /// <summary>Gives an order and waits until it is done.</summary>
    public async Task<ChildAnswer> AskAsync(ChildOrder order)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, ChildJson.Default.ChildOrder));
        await _process.StandardInput.FlushAsync();
        return await ReadAsync(_process);
    }

    /// <summary>Its memory in bytes; null where the system does not say.</summary>
    public ProcessMemory? Memory() => ProcessMemory.Of(_process.Id);

    /// <summary>Processor time it has used.</summary>
    public TimeSpan Used()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<ChildAnswer> ReadAsync(Process process) => await process.StandardOutput.ReadLineAsync() is { } line
        ? JsonSerializer.Deserialize(line, ChildJson.Default.ChildAnswer)!
        : throw new InvalidOperationException("The coordinator's process has ended. What it said is above.");
}

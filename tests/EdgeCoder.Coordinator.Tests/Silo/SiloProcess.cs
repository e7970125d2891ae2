using System.Diagnostics;
using EdgeCoder.TestKit.Processes;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Tests.Silo;

/// <summary>A silo in a process of its own.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;

    private SiloProcess(Process process, SiloAddress address) => (_process, Address) = (process, address);

    public SiloAddress Address { get; }

    public static async Task<SiloProcess> StartAsync(string database, TimeSpan probe)
    {
        var process = Run("silo", database, $"{probe.TotalMilliseconds:F0}");
        if (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is not { } address)
        {
            throw new InvalidOperationException("The silo's process ended: " + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        return new(process, SiloAddress.FromParsableString(address));
    }

    /// <summary>Starts the program of such processes.</summary>
    public static Process Run(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "EdgeCoder.Coordinator.Tests.SiloHost.dll");
        var environment = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["HOME"] = Path.GetTempPath() };
        return ProgramRun.Start(Environment.ProcessPath!, [program, .. arguments], environment);
    }

    /// <summary>SIGKILL: no goodbye to anybody.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}

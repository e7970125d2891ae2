using System.Globalization;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>A child of a zygote: locked in, waiting for its only job.</summary>
internal sealed class ZygoteChild(Zygote zygote, SandboxChannels channels, string? directory) : SandboxProcess
{
    private readonly ScratchWatch? scratch = directory is null ? null : new ScratchWatch(directory);
    private Descriptor? handle;
    private int? pid;
    private (int Status, long CpuMs)? end;

    /// <inheritdoc/>
    public override SandboxChannels Channels => channels;

    /// <summary>Whether it was given its job: one that ends before that is an anomaly.</summary>
    public bool HadJob { get; set; }

    /// <inheritdoc/>
    public override Descriptor? Exit => handle is not null || zygote.Await(() => handle is not null || end is not null) ? handle : null;

    /// <inheritdoc/>
    public override TimeSpan? WatchInterval => scratch is null ? null : ScratchWatch.Interval;

    /// <inheritdoc/>
    public override bool ExceedsScratch() => scratch?.Exceeds() ?? false;

    /// <summary>The zygote has told that it is there.</summary>
    public void Made(Descriptor process)
    {
        handle = process;
        pid = PidOf(process);
    }

    /// <summary>The zygote has told that it has ended, or has ended itself.</summary>
    public void Gone(int status, long cpuMs)
    {
        end = (status, cpuMs);
        try
        {
            if (directory is not null && Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Paths that a program made deeper than the system's longest end in each of these. The launcher removes all of it when the zygote goes.
        }
    }

    /// <inheritdoc/>
    public override ProgramUsage? Usage() => pid is { } known ? ProgramUsage.Of(known) : null;

    /// <inheritdoc/>
    public override (int Status, long CpuMs) End(bool reported)
    {
        handle?.KillProcess();
        return reported ? (0, 0)
            : zygote.Await(() => end is not null) ? end!.Value
            : (128 + Libc.SignalKill, 0);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handle?.KillProcess();
            handle?.Dispose();
            channels.Dispose();
        }
    }

    // proc(5): the Pid field of a pidfd's information is the process id as the reader sees it.
    private static int? PidOf(Descriptor process)
    {
        var line = File.ReadLines($"/proc/self/fdinfo/{process.Number}").FirstOrDefault(line => line.StartsWith("Pid:", StringComparison.Ordinal));
        return line is not null && int.TryParse(line.AsSpan(4), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : null;
    }
}

namespace EdgeCoder.Executor.Running;

/// <summary>
/// A started process with a runner in it, talked to by streams: what systems other than Linux have, where there is no process descriptor to poll. Whoever disposes
/// it ends it.
/// </summary>
internal abstract class StreamedProcess : IAsyncDisposable
{
    /// <summary>Standard output.</summary>
    public abstract Stream Stdout { get; }

    /// <summary>Standard error.</summary>
    public abstract Stream Stderr { get; }

    /// <summary>Where the runner reports.</summary>
    public abstract Stream Report { get; }

    /// <summary>Where the job is written.</summary>
    public abstract Stream Job { get; }

    /// <summary>The exit code, or 128 + the signal; with the CPU time in milliseconds.</summary>
    public abstract Task<(int Status, long CpuMs)> Exited { get; }

    /// <summary>How often <see cref="Exceeds"/> is asked.</summary>
    public virtual TimeSpan WatchInterval => ScratchWatch.Interval;

    /// <summary>A limit that the system does not hold by itself and that is exceeded; null when none is.</summary>
    public virtual SandboxEnd? Exceeds(LimitPlan limits) => null;

    /// <summary>Largest memory so far, in bytes; null when it cannot be told.</summary>
    public virtual long? PeakMemory() => null;

    /// <summary>Ends the process and everything that belongs to it.</summary>
    public abstract void Kill();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

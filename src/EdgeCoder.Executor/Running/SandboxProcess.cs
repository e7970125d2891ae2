using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Running;

/// <summary>A process in a sandbox whose runner waits for its job, or soon will: how it is talked to, asked and ended.</summary>
internal abstract class SandboxProcess : IDisposable
{
    /// <summary>What connects it with this process.</summary>
    public abstract SandboxChannels Channels { get; }

    /// <summary>Readable when the process is gone; null when it was gone before anybody looked.</summary>
    public abstract Descriptor? Exit { get; }

    /// <summary>Where its launcher tells about it; null when there is nothing to be told.</summary>
    public virtual Descriptor? Information => null;

    /// <summary>Takes what came there.</summary>
    public virtual void Inform(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>Whether something outside the process has a limit of its own and found it exceeded; asked every <see cref="WatchInterval"/>.</summary>
    public virtual bool ExceedsScratch() => false;

    /// <summary>How often <see cref="ExceedsScratch"/> is asked; null means never.</summary>
    public virtual TimeSpan? WatchInterval => null;

    /// <summary>What the program has used so far; null when it is gone.</summary>
    public abstract ProgramUsage? Usage();

    /// <summary>
    /// Kills the program and all that belongs to it. Its exit code, or 128 + the signal, and its CPU time; where the runner has <paramref name="reported"/>
    /// its end, nobody needs them and nobody waits for the kernel to take the namespaces down.
    /// </summary>
    public abstract (int Status, long CpuMs) End(bool reported);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what it holds.</summary>
    protected abstract void Dispose(bool disposing);
}

using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Running;

/// <summary>The host's ends of what connects it with one sandboxed process.</summary>
internal sealed class SandboxChannels : IDisposable
{
    private SandboxChannels(Descriptor stdin, Descriptor stdout, Descriptor stderr, Descriptor job, Descriptor report)
    {
        Stdin = stdin;
        Stdout = stdout;
        Stderr = stderr;
        Job = job;
        Report = report;
    }

    /// <summary>The file in memory that the process has as its standard input; empty until the job is known.</summary>
    public Descriptor Stdin { get; }

    /// <summary>Standard output.</summary>
    public Descriptor Stdout { get; }

    /// <summary>Standard error.</summary>
    public Descriptor Stderr { get; }

    /// <summary>Where the job is written.</summary>
    public Descriptor Job { get; }

    /// <summary>Where the runner reports.</summary>
    public Descriptor Report { get; }

    /// <summary>Makes them. The second part are the ends of the process, in the order of its descriptors from 0 on; the caller closes them once it has them.</summary>
    public static (SandboxChannels Host, Descriptor[] Process) Open()
    {
        var stdin = Descriptor.Memory("stdin");
        var (outRead, outWrite) = Descriptor.Pipe(hostReads: true);
        var (errRead, errWrite) = Descriptor.Pipe(hostReads: true);
        var (jobRead, jobWrite) = Descriptor.Pipe(hostReads: false);
        var (reportRead, reportWrite) = Descriptor.Pipe(hostReads: true);
        return (new SandboxChannels(stdin, outRead, errRead, jobWrite, reportRead), [stdin.Copy(), outWrite, errWrite, jobRead, reportWrite]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stdin.Dispose();
        Stdout.Dispose();
        Stderr.Dispose();
        Job.Dispose();
        Report.Dispose();
    }
}

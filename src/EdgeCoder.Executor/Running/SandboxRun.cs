using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Running;

/// <summary>One job in one sandboxed process, from the job's frame to the end of the process. Blocks its thread.</summary>
internal sealed class SandboxRun
{
    // A program that goes on writing after its limit is drained for a while, so that the tail is its last words and not the next 64 KiB.
    private const int DrainFactor = 16;
    private const int DrainAtLeast = 1 << 20;

    [ThreadStatic]
    private static byte[]? threadBuffer;

    private readonly SandboxProcess process;
    private readonly SandboxChannels channels;
    private readonly SandboxJob job;
    private readonly TimeProvider time;
    private readonly OutputCapture stdout;
    private readonly OutputCapture stderr;
    private readonly ReportChannel report;
    private readonly byte[] buffer = threadBuffer ??= new byte[64 * 1024];

    private SandboxRun(SandboxProcess process, SandboxJob job, TimeProvider time)
    {
        this.process = process;
        this.job = job;
        this.time = time;
        channels = process.Channels;
        stdout = new(job.Limits.OutputBytes);
        stderr = new(job.Limits.OutputBytes);
        report = new(job.Key);
    }

    /// <summary>
    /// Starts a process for a job on a thread of its own and stays until the whole tree is gone, because the parent-death signal that ends the tree when this
    /// process dies follows the thread that started it, not the process. Cancellation is an outcome here.
    /// </summary>
    public static async Task<SandboxOutcome> RunAsync(SandboxCommand command, SandboxJob job, TimeProvider time, CancellationToken cancellationToken)
    {
        using var cancel = Descriptor.Event();
        using var registration = cancellationToken.Register(cancel.Signal);
        var done = new TaskCompletionSource<SandboxOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                var begin = time.GetTimestamp();
                using var process = LaunchedProcess.Start(command);
                done.SetResult(Execute(process, job, begin, cancel, time));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        { IsBackground = true, Name = "sandbox" };
        thread.Start();
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Runs a job in a process that is there. When this returns, the process has been killed.</summary>
    /// <param name="process">The process; it serves no second job.</param>
    /// <param name="job">The job.</param>
    /// <param name="begin">When the caller began with it.</param>
    /// <param name="cancel">A counter that ends the run when it is signalled.</param>
    /// <param name="time">The clock.</param>
    public static SandboxOutcome Execute(SandboxProcess process, SandboxJob job, long begin, Descriptor cancel, TimeProvider time) => new SandboxRun(process, job, time).Execute(begin, cancel);

    private SandboxOutcome Execute(long begin, Descriptor cancel)
    {
        channels.Stdin.Seal(job.Stdin);
        SandboxEnd end;
        ProgramUsage? used = null;
        long? programBegin = null;
        var status = 0;
        var cpu = 0L;
        long programEnd;
        try
        {
            end = process.Exit is { } exit ? Watch(exit, cancel, begin, out programBegin) : SandboxEnd.Finished;
            programEnd = time.GetTimestamp();

            // Now, because what the kernel kills with its namespace is not added to anybody's account.
            used = process.Usage();
        }
        finally
        {
            (status, cpu) = process.End(report.Ended);
        }

        DrainOne(channels.Stdout, stdout.Add);
        DrainOne(channels.Stderr, stderr.Add);
        DrainOne(channels.Report, report.Add);
        var program = programBegin is { } started ? time.GetElapsedTime(started, programEnd) : TimeSpan.Zero;
        return new SandboxOutcome
        {
            End = end,
            Status = status,
            Stdout = stdout,
            Stderr = stderr,
            Report = report,
            Startup = time.GetElapsedTime(begin) - program,
            Program = program,
            CpuMs = Math.Max(cpu, used?.CpuMs ?? 0),
            MemoryBytes = used?.MemoryBytes,
        };
    }

    private SandboxEnd Watch(Descriptor exit, Descriptor cancel, long begin, out long? programBegin)
    {
        programBegin = null;
        var frame = job.Frame.AsMemory();
        var overrun = Math.Max((long)job.Limits.OutputBytes * DrainFactor, (long)job.Limits.OutputBytes + DrainAtLeast);
        while (true)
        {
            var limit = programBegin is null ? SandboxJob.StartLimit : job.Limits.Time;
            var left = limit - time.GetElapsedTime(programBegin ?? begin);
            if (left <= TimeSpan.Zero)
            {
                return programBegin is null ? SandboxEnd.StartLimit : SandboxEnd.WallLimit;
            }

            Span<PollEntry> entries =
            [
                new() { Descriptor = channels.Stdout.Number, Events = PollEntry.Readable },
                new() { Descriptor = channels.Stderr.Number, Events = PollEntry.Readable },
                new() { Descriptor = channels.Report.Number, Events = PollEntry.Readable },
                new() { Descriptor = process.Information?.Number ?? -1, Events = PollEntry.Readable },
                new() { Descriptor = exit.Number, Events = PollEntry.Readable },
                new() { Descriptor = cancel.Number, Events = PollEntry.Readable },
                new() { Descriptor = report.Ready && !frame.IsEmpty ? channels.Job.Number : -1, Events = PollEntry.Writable },
            ];
            PollEntry.Wait(entries, process.WatchInterval is { } interval && interval < left ? interval : left);

            Read(entries[0], channels.Stdout, stdout.Add);
            Read(entries[1], channels.Stderr, stderr.Add);
            Read(entries[2], channels.Report, report.Add);
            Read(entries[3], process.Information, process.Inform);
            if (entries[6].Happened != 0)
            {
                // A runner that is gone leaves nobody to read the rest.
                frame = channels.Job.Write(frame.Span) switch { null => frame, 0 => Memory<byte>.Empty, var written => frame[written.Value..] };
                if (frame.IsEmpty)
                {
                    channels.Job.Dispose();
                }
            }

            if (report.Started)
            {
                programBegin ??= time.GetTimestamp();
            }

            if (entries[5].Happened != 0)
            {
                return SandboxEnd.Cancelled;
            }

            // One that was faster than the watch is measured at its end.
            var ended = report.Ended || entries[4].Happened != 0;
            if (process.WatchInterval is not null && process.ExceedsScratch())
            {
                return SandboxEnd.ScratchLimit;
            }

            if (ended)
            {
                return SandboxEnd.Finished;
            }

            if (stdout.Total > overrun || stderr.Total > overrun)
            {
                return SandboxEnd.OutputLimit;
            }

        }
    }

    private void Read(in PollEntry entry, Descriptor? channel, Action<ReadOnlySpan<byte>> take)
    {
        if (entry.Happened == 0 || channel is null)
        {
            return;
        }

        if (channel.Read(buffer) is > 0 and var count)
        {
            take(buffer.AsSpan(0, count));
        }
        else
        {
            channel.Dispose();
        }
    }

    private void DrainOne(Descriptor channel, Action<ReadOnlySpan<byte>> take)
    {
        while (!channel.IsClosed && channel.Read(buffer) is > 0 and var count)
        {
            take(buffer.AsSpan(0, count));
        }
    }
}

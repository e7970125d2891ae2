using System.Text.Json;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Native;

namespace EdgeCoder.Executor.Running;

/// <summary>
/// One sandboxed process from start to end, on a thread of its own. The thread starts the child and stays until the whole tree is gone, because
/// the parent-death signal that ends the tree when this process dies follows the thread that started it, not the process.
/// </summary>
/// <remarks>
/// A host that dies before bubblewrap has asked for that signal is covered too: the job is sent only after the runner has said that it is ready,
/// which is later, and a runner that reads the end of its pipe instead of a job ends by itself.
/// </remarks>
internal sealed class SandboxRun
{
    // A program that goes on writing after its limit is drained for a while, so that the tail is its last words and not the next 64 KiB.
    private const int DrainFactor = 16;
    private const int DrainAtLeast = 1 << 20;
    private static readonly TimeSpan TeardownLimit = TimeSpan.FromSeconds(2);

    private readonly SandboxCommand command;
    private readonly SandboxJob job;
    private readonly TimeProvider time;
    private readonly OutputCapture stdout;
    private readonly OutputCapture stderr;
    private readonly ReportChannel report;
    private readonly MemoryStream info = new();
    private readonly byte[] buffer = new byte[64 * 1024];
    private Descriptor? reaper;
    private int reaperPid;

    private SandboxRun(SandboxCommand command, SandboxJob job, TimeProvider time)
    {
        this.command = command;
        this.job = job;
        this.time = time;
        stdout = new(job.Limits.OutputBytes);
        stderr = new(job.Limits.OutputBytes);
        report = new(job.Key);
    }

    /// <summary>Runs a job. When this returns, no process of it is left. Cancellation is an outcome here.</summary>
    public static async Task<SandboxOutcome> RunAsync(SandboxCommand command, SandboxJob job, TimeProvider time, CancellationToken cancellationToken)
    {
        using var cancel = Descriptor.Event();
        using var registration = cancellationToken.Register(cancel.Signal);
        var done = new TaskCompletionSource<SandboxOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(new SandboxRun(command, job, time).Execute(cancel));
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

    private SandboxOutcome Execute(Descriptor cancel)
    {
        var begin = time.GetTimestamp();
        var (outRead, outWrite) = Descriptor.Pipe(hostReads: true);
        var (errRead, errWrite) = Descriptor.Pipe(hostReads: true);
        var (reportRead, reportWrite) = Descriptor.Pipe(hostReads: true);
        var (infoRead, infoWrite) = Descriptor.Pipe(hostReads: true);
        var (jobRead, jobWrite) = Descriptor.Pipe(hostReads: false);
        var input = job.Stdin is { } text ? Descriptor.Memory("stdin", text) : Descriptor.Null();
        var files = command.Files.Select((file, i) => Descriptor.Memory($"file{i}", file)).ToArray();
        using var channels = new Channels(outRead, errRead, reportRead, infoRead, jobWrite);
        ChildProcess child;
        Descriptor[] passed = [input, outWrite, errWrite, jobRead, reportWrite, infoWrite, .. files];
        try
        {
            child = ChildProcess.Start(command.Launcher, command.Arguments, ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"], passed);
        }
        finally
        {
            foreach (var descriptor in passed)
            {
                descriptor.Dispose();
            }
        }

        using var process = Descriptor.Process(child.Pid);
        SandboxEnd end;
        ProgramUsage? used = null;
        long? programBegin = null;
        try
        {
            end = process is null ? SandboxEnd.Finished : Watch(channels, process, cancel, begin, out programBegin);

            // Now, because what the kernel kills with its namespace is not added to anybody's account.
            used = reaper is null ? null : command.ProgramIsFirstProcess ? ProgramUsage.Of(reaperPid) : ProgramUsage.OfChild(reaperPid);
        }
        finally
        {
            EndTree(child, process);
        }

        var programEnd = time.GetTimestamp();
        var (status, usage) = child.Wait();
        reaper?.Dispose();
        Drain(channels);
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
            CpuMs = Math.Max(usage.CpuMs, used?.CpuMs ?? 0),
            MemoryBytes = used?.MemoryBytes,
        };
    }

    private SandboxEnd Watch(Channels channels, Descriptor process, Descriptor cancel, long begin, out long? programBegin)
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

            var sending = report.Ready && !frame.IsEmpty;
            Span<PollEntry> entries =
            [
                new() { Descriptor = channels.Stdout.Number, Events = PollEntry.Readable },
                new() { Descriptor = channels.Stderr.Number, Events = PollEntry.Readable },
                new() { Descriptor = channels.Report.Number, Events = PollEntry.Readable },
                new() { Descriptor = channels.Info.Number, Events = PollEntry.Readable },
                new() { Descriptor = process.Number, Events = PollEntry.Readable },
                new() { Descriptor = cancel.Number, Events = PollEntry.Readable },
                new() { Descriptor = sending ? channels.Job.Number : -1, Events = PollEntry.Writable },
            ];
            Poll(entries, left);

            ReadInto(entries[0], channels.Stdout, stdout.Add);
            ReadInto(entries[1], channels.Stderr, stderr.Add);
            ReadInto(entries[2], channels.Report, report.Add);
            ReadInto(entries[3], channels.Info, ReadInfo);
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

            if (report.Ended || entries[4].Happened != 0)
            {
                return SandboxEnd.Finished;
            }

            if (stdout.Total > overrun || stderr.Total > overrun)
            {
                return SandboxEnd.OutputLimit;
            }
        }
    }

    // The reaper is process 1 of its namespace: when it dies the kernel kills everything in there before it lets go, whatever session it is in.
    private void EndTree(ChildProcess child, Descriptor? process)
    {
        if (process is null || reaper is null)
        {
            child.Kill();
            return;
        }

        reaper.KillProcess();
        Span<PollEntry> entries = [new() { Descriptor = process.Number, Events = PollEntry.Readable }];
        Poll(entries, TeardownLimit);
        if (entries[0].Happened == 0)
        {
            child.Kill();
        }
    }

    private void ReadInto(in PollEntry entry, Descriptor channel, Action<ReadOnlySpan<byte>> take)
    {
        if (entry.Happened == 0)
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

    private void Drain(Channels channels)
    {
        DrainOne(channels.Stdout, stdout.Add);
        DrainOne(channels.Stderr, stderr.Add);
        DrainOne(channels.Report, report.Add);
    }

    private void DrainOne(Descriptor channel, Action<ReadOnlySpan<byte>> take)
    {
        while (!channel.IsClosed && channel.Read(buffer) is > 0 and var count)
        {
            take(buffer.AsSpan(0, count));
        }
    }

    private void ReadInfo(ReadOnlySpan<byte> bytes)
    {
        info.Write(bytes);
        if (reaper is null && info.Length < 64 * 1024 && ReaperPid() is { } pid)
        {
            reaperPid = pid;
            reaper = Descriptor.Process(pid);
        }
    }

    private int? ReaperPid()
    {
        try
        {
            return JsonElement.Parse(info.GetBuffer().AsSpan(0, (int)info.Length)).GetProperty("child-pid").GetInt32();
        }
        catch (JsonException)
        {
            return null; // not whole yet
        }
    }

    private static unsafe void Poll(Span<PollEntry> entries, TimeSpan limit)
    {
        fixed (PollEntry* start = entries)
        {
            // An interrupted poll is one that found nothing: the caller looks at the clock again.
            if (Libc.Poll(start, (nuint)entries.Length, (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 1, 60_000)) <= 0)
            {
                foreach (ref var entry in entries)
                {
                    entry.Happened = 0;
                }
            }
        }
    }

    private sealed record Channels(Descriptor Stdout, Descriptor Stderr, Descriptor Report, Descriptor Info, Descriptor Job) : IDisposable
    {
        public void Dispose()
        {
            Stdout.Dispose();
            Stderr.Dispose();
            Report.Dispose();
            Info.Dispose();
            Job.Dispose();
        }
    }
}

namespace EdgeCoder.Executor.Running;

/// <summary>One job in one <see cref="StreamedProcess"/>, from the job's frame to the end of the process. It is the counterpart of <see cref="SandboxRun"/>.</summary>
/// <remarks>1. the runner says that it is ready; 2. it gets the job; 3. the program's own code begins; 4. it ends or is ended; 5. everything is gone.</remarks>
internal sealed class StreamedRun
{
    private const int DrainFactor = 16;
    private const int DrainAtLeast = 1 << 20;

    private readonly StreamedProcess process;
    private readonly SandboxJob job;
    private readonly TimeProvider time;
    private readonly OutputCapture stdout;
    private readonly OutputCapture stderr;
    private readonly ReportChannel report;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource overrun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StreamedRun(StreamedProcess process, SandboxJob job, TimeProvider time)
    {
        this.process = process;
        this.job = job;
        this.time = time;
        stdout = new(job.Limits.OutputBytes);
        stderr = new(job.Limits.OutputBytes);
        report = new(job.Key);
    }

    /// <summary>Runs a job in a process that is there. When this returns, the process is gone. Cancellation is an outcome here.</summary>
    /// <param name="process">The process; it serves no second job.</param>
    /// <param name="job">The job.</param>
    /// <param name="begin">When the caller began with it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static Task<SandboxOutcome> RunAsync(StreamedProcess process, SandboxJob job, long begin, TimeProvider time, CancellationToken cancellationToken) =>
        new StreamedRun(process, job, time).ExecuteAsync(begin, cancellationToken);

    private async Task<SandboxOutcome> ExecuteAsync(long begin, CancellationToken cancellationToken)
    {
        var overrunAt = Math.Max((long)job.Limits.OutputBytes * DrainFactor, (long)job.Limits.OutputBytes + DrainAtLeast);
        Task[] readers =
        [
            ReadAsync(process.Stdout, bytes => Capture(stdout, bytes, overrunAt)),
            ReadAsync(process.Stderr, bytes => Capture(stderr, bytes, overrunAt)),
            ReadAsync(process.Report, TakeReport),
        ];

        // 1 to 3.
        var end = await UntilAsync(ready.Task, begin, SandboxJob.StartLimit, SandboxEnd.StartLimit, cancellationToken).ConfigureAwait(false);
        var sending = end is null && ready.Task.IsCompletedSuccessfully ? SendAsync() : Task.CompletedTask;
        end ??= await UntilAsync(started.Task, begin, SandboxJob.StartLimit, SandboxEnd.StartLimit, cancellationToken).ConfigureAwait(false);

        // 4.
        if (end is null && started.Task.IsCompletedSuccessfully)
        {
            end = await UntilAsync(ended.Task, await started.Task.ConfigureAwait(false), job.Limits.Time, SandboxEnd.WallLimit, cancellationToken).ConfigureAwait(false);
        }

        // 5.
        var programEnd = time.GetTimestamp();
        var memory = process.PeakMemory();
        process.Kill();
        var (status, cpu) = await process.Exited.ConfigureAwait(false);
        await Task.WhenAll([.. readers, sending]).ConfigureAwait(false);
        var program = started.Task.IsCompletedSuccessfully ? time.GetElapsedTime(await started.Task.ConfigureAwait(false), programEnd) : TimeSpan.Zero;
        return new SandboxOutcome
        {
            End = end ?? SandboxEnd.Finished,
            Status = status,
            Stdout = stdout,
            Stderr = stderr,
            Report = report,
            Startup = time.GetElapsedTime(begin) - program,
            Program = program,
            CpuMs = cpu,
            MemoryBytes = memory,
        };
    }

    // Null when what was waited for has happened, or the process has ended in its own way.
    private async Task<SandboxEnd?> UntilAsync(Task awaited, long since, TimeSpan limit, SandboxEnd tooLate, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            var left = limit - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                return tooLate;
            }

            var pause = Task.Delay(process.WatchInterval < left ? process.WatchInterval : left, time, stop.Token);
            await Task.WhenAny(awaited, ended.Task, process.Exited, overrun.Task, pause).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                return SandboxEnd.Cancelled;
            }

            if (awaited.IsCompleted || ended.Task.IsCompleted || process.Exited.IsCompleted)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                return null;
            }

            if (overrun.Task.IsCompleted)
            {
                return SandboxEnd.OutputLimit;
            }

            if (process.Exceeds(job.Limits) is { } exceeded)
            {
                return exceeded;
            }
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await process.Job.WriteAsync(job.Frame).ConfigureAwait(false);
            await process.Job.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A runner that is gone leaves nobody to read the rest.
        }
    }

    private void Capture(OutputCapture capture, ReadOnlySpan<byte> bytes, long overrunAt)
    {
        capture.Add(bytes);
        if (capture.Total > overrunAt)
        {
            overrun.TrySetResult();
        }
    }

    private void TakeReport(ReadOnlySpan<byte> bytes)
    {
        report.Add(bytes);
        if (report.Ready)
        {
            ready.TrySetResult();
        }

        if (report.Started)
        {
            started.TrySetResult(time.GetTimestamp());
        }

        if (report.Ended)
        {
            ended.TrySetResult();
        }
    }

    private static async Task ReadAsync(Stream stream, ReadAction take)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                take(buffer.AsSpan(0, count));
            }
        }
        catch (IOException)
        {
            // The other end broke off: what came until then is what there is.
        }
    }

    private delegate void ReadAction(ReadOnlySpan<byte> bytes);
}

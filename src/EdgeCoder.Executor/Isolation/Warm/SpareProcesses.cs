using System.ComponentModel;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>
/// Runs jobs in one-shot processes of which a few were started ahead: for an interpreter that cannot be forked. A spare was started with the limits of the job
/// before; a job with others gets a process of its own, and the next spares have those.
/// </summary>
internal sealed class SpareProcesses : ISandbox
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);

    private readonly ISandbox cold;
    private readonly Func<LimitPlan, SandboxCommand> command;
    private readonly TimeProvider time;
    private readonly int most;
    private readonly Queue<LaunchedProcess> spares = new();
    private LimitPlan wanted;
    private readonly Lock change = new();
    private readonly SemaphoreSlim room;
    private readonly ITimer idle;
    private bool ended;
    private int jobs;

    /// <summary>Makes it without a process.</summary>
    /// <param name="cold">Runs jobs whose limits a spare does not have.</param>
    /// <param name="command">How a process is started.</param>
    /// <param name="time">The clock.</param>
    /// <param name="most">Jobs that run at the same time, and spares at most.</param>
    public SpareProcesses(ISandbox cold, Func<LimitPlan, SandboxCommand> command, TimeProvider time, int most)
    {
        this.cold = cold;
        this.command = command;
        this.time = time;
        this.most = most;
        wanted = LimitPlan.Read(cold.Language, new RequestedLimits()).Plan!;
        room = new SemaphoreSlim(most);
        idle = time.CreateTimer(_ => Trim(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public SnippetLanguage Language => cold.Language;

    /// <inheritdoc/>
    public SandboxIdentity Identity => cold.Identity;

    /// <inheritdoc/>
    public int Kept
    {
        get
        {
            lock (change)
            {
                return spares.Count;
            }
        }
    }

    /// <summary>Jobs that are run cold before spares are started.</summary>
    public int ColdFirst { get; init; }

    /// <inheritdoc/>
    public void Warm()
    {
        if (Volatile.Read(ref jobs) >= ColdFirst)
        {
            _ = Task.Run(Refill);
        }
    }

    // Starts spares until there are enough, without waiting until they are ready.
    private void Refill()
    {
        while (IsShort)
        {
            var limits = wanted;
            LaunchedProcess process;
            try
            {
                process = LaunchedProcess.Start(command(limits));
            }
            catch (Exception exception) when (exception is IOException or Win32Exception)
            {
                return; // the next run says what the machine lacks
            }

            lock (change)
            {
                if (!ended && spares.Count < most && limits == wanted)
                {
                    spares.Enqueue(process);
                    continue;
                }
            }

            Discard(process);
        }
    }

    /// <inheritdoc/>
    public async Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        try
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return SandboxOutcome.CancelledBeforeStart(job);
        }

        try
        {
            if (Take(job.Limits) is not { } spare)
            {
                return await cold.RunAsync(job, cancellationToken).ConfigureAwait(false);
            }

            using (spare)
            using (var cancel = Descriptor.Event())
            {
                await using var registration = cancellationToken.Register(cancel.Signal).ConfigureAwait(false);
                return await Task.Factory.StartNew(() => SandboxRun.Execute(spare, job, begin, cancel, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
        }
        finally
        {
            room.Release();
            Interlocked.Increment(ref jobs);
            Warm();
            idle.Change(IdleLimit, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (change)
        {
            ended = true;
        }

        await idle.DisposeAsync().ConfigureAwait(false);
        Trim();
        for (var i = 0; i < most; i++)
        {
            await room.WaitAsync().ConfigureAwait(false);
        }

        room.Dispose();
        await cold.DisposeAsync().ConfigureAwait(false);
    }

    private bool IsShort
    {
        get
        {
            lock (change)
            {
                return !ended && spares.Count < most;
            }
        }
    }

    // One that died while it waited is of no use to anybody, and one with other limits not to this job.
    private LaunchedProcess? Take(LimitPlan limits)
    {
        bool fits;
        lock (change)
        {
            fits = wanted.OwnLimits() == limits.OwnLimits() && wanted.HeapMib == limits.HeapMib;
            wanted = fits ? wanted : limits;
        }

        if (!fits)
        {
            Trim();
        }

        while (true)
        {
            LaunchedProcess? spare;
            lock (change)
            {
                if (!spares.TryDequeue(out spare))
                {
                    return null;
                }
            }

            if (spare.Exit is { } exit && !PollEntry.IsReadable(exit))
            {
                return spare;
            }

            Discard(spare);
        }
    }

    private void Trim()
    {
        while (true)
        {
            LaunchedProcess? spare;
            lock (change)
            {
                if (!spares.TryDequeue(out spare))
                {
                    return;
                }
            }

            Discard(spare);
        }
    }

    private static void Discard(LaunchedProcess process)
    {
        using (process)
        {
            process.End(reported: false);
        }
    }
}

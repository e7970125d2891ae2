using System.Collections.Concurrent;
using System.ComponentModel;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>
/// Runs jobs in warm processes, and in a process of their own from the same sandbox where no warm one can be had. The first lane is started by
/// <see cref="Warm"/> or by the first job, further ones when all are busy; those go again when nothing comes.
/// </summary>
internal sealed class WarmPool : ISandbox
{
    private const int WaitingJobs = 256;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(20);

    private readonly ISandbox cold;
    private readonly Func<Zygote> start;
    private readonly TimeProvider time;
    private readonly int most;
    private readonly BlockingCollection<WarmRequest> queue = [];
    private readonly SemaphoreSlim room = new(WaitingJobs);
    private readonly SemaphoreSlim coldRoom;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock change = new();
    private readonly List<(WarmLane Lane, Thread Thread)> lanes = [];
    private volatile bool broken;
    private volatile bool open;
    private int inside;
    private int coldJobs;
    private Task? proving;
    private volatile string? escaped;

    /// <summary>Makes a pool without a process.</summary>
    /// <param name="cold">Runs what cannot be run warm.</param>
    /// <param name="start">Starts a zygote.</param>
    /// <param name="time">The clock.</param>
    /// <param name="most">Lanes at most: jobs that run at the same time.</param>
    public WarmPool(ISandbox cold, Func<Zygote> start, TimeProvider time, int most)
    {
        this.cold = cold;
        this.start = start;
        this.time = time;
        this.most = most;
        coldRoom = new SemaphoreSlim(most);
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
                return lanes.Sum(one => one.Lane.Kept);
            }
        }
    }

    /// <summary>Zygotes that the lanes of now have started.</summary>
    public int Started
    {
        get
        {
            lock (change)
            {
                return lanes.Sum(one => one.Lane.Started);
            }
        }
    }

    /// <summary>Whether every attempt to start a zygote failed, and why: then all runs are cold.</summary>
    public string? Failure { get; private set; }

    /// <summary>Jobs after which a zygote is replaced, so that nothing that builds up in it lasts.</summary>
    public int JobsPerZygote { get; init; } = 500;

    /// <summary>Tests the warm processes; null when they hold, else why they are not used. Without it, <see cref="Open"/> lets jobs in.</summary>
    public Func<WarmPool, Task<string?>>? ProveAsync { get; init; }

    /// <summary>This pool without the cold processes: what the self-test looks at.</summary>
    public ISandbox WarmOnly => new OnlyWarm(this);

    /// <summary>Lets jobs in: the self-test has passed.</summary>
    public void Open() => open = true;

    /// <summary>Jobs that are run cold before the first lane is started.</summary>
    public int ColdFirst { get; init; }

    /// <inheritdoc/>
    public void Warm()
    {
        lock (change)
        {
            if (lanes.Count == 0 && ColdFirst == 0 && !stop.IsCancellationRequested)
            {
                AddLane();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        if (escaped is { } canary)
        {
            return SandboxOutcome.Unsafe(job, canary);
        }

        if (!ShouldWait() && await coldRoom.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false))
        {
            return await RunColdAsync(job, cancellationToken).ConfigureAwait(false);
        }

        if (open && await WarmAsync(job, begin, cancellationToken).ConfigureAwait(false) is { } outcome)
        {
            return outcome;
        }

        if (escaped is { } found)
        {
            return SandboxOutcome.Unsafe(job, found);
        }

        try
        {
            await coldRoom.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return SandboxOutcome.CancelledBeforeStart(job);
        }

        return await RunColdAsync(job, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await (proving ?? Task.CompletedTask).ConfigureAwait(false);
        List<(WarmLane Lane, Thread Thread)> ending;
        lock (change)
        {
            ending = [.. lanes];
        }

        foreach (var (_, thread) in ending)
        {
            await Task.Run(thread.Join).ConfigureAwait(false);
        }

        while (queue.TryTake(out var request))
        {
            request.GiveBack();
        }

        // Whoever still waits has been told; when all room is free, nobody is inside any more.
        for (var i = 0; i < WaitingJobs; i++)
        {
            await room.WaitAsync().ConfigureAwait(false);
        }

        for (var i = 0; i < most; i++)
        {
            await coldRoom.WaitAsync().ConfigureAwait(false);
        }

        await cold.DisposeAsync().ConfigureAwait(false);
        queue.Dispose();
        room.Dispose();
        coldRoom.Dispose();
        stop.Dispose();
    }

    // Warm processes are worth waiting for once one has been there; before that the first jobs do not wait for it.
    private bool ShouldWait()
    {
        lock (change)
        {
            if (broken || stop.IsCancellationRequested)
            {
                return false;
            }

            if (lanes.Count == 0 && coldJobs++ < ColdFirst)
            {
                return false;
            }

            // A further lane for a job that would have to wait for another one, not for the refill of a lane that has just ended one.
            if (lanes.Count == 0 || (open && lanes.Count < most && inside >= lanes.Count && lanes.TrueForAll(one => one.Lane.IsWarm)))
            {
                AddLane();
            }

            return open && lanes.Exists(one => one.Lane.IsWarm);
        }
    }

    private async Task<SandboxOutcome?> WarmAsync(SandboxJob job, long begin, CancellationToken cancellationToken)
    {
        if (broken)
        {
            return null;
        }

        using var request = new WarmRequest(job, begin);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        await using var registration = both.Token.Register(request.Cancel.Signal).ConfigureAwait(false);
        try
        {
            await room.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return SandboxOutcome.CancelledBeforeStart(job);
        }

        try
        {
            Interlocked.Increment(ref inside);
            queue.Add(request, CancellationToken.None);
            Rescue();
            return await request.Outcome.ConfigureAwait(false) ?? (both.IsCancellationRequested ? SandboxOutcome.CancelledBeforeStart(job) : null);
        }
        finally
        {
            Interlocked.Decrement(ref inside);
            room.Release();
        }
    }

    private async Task<SandboxOutcome> RunColdAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        try
        {
            return await cold.RunAsync(job, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            coldRoom.Release();
        }
    }

    private void AddLane()
    {
        var lane = new WarmLane(start, queue, time, lanes.Count == 0 ? null : IdleLimit, JobsPerZygote, stop.Token);
        var thread = new Thread(() =>
        {
            lane.Work();
            Left(lane);
        })
        { IsBackground = true, Name = "warm lane" };
        lanes.Add((lane, thread));
        thread.Start();
        proving ??= ProveAsync is null ? Task.CompletedTask : Task.Run(ProveThenOpenAsync);
    }

    private async Task ProveThenOpenAsync()
    {
        try
        {
            Failure = await ProveAsync!(this).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
        {
            Failure = exception.Message;
        }

        if (Failure is null)
        {
            Open();
        }
        else
        {
            broken = true;
        }
    }

    // The last lane that goes because nothing starts takes the waiting jobs with it: they are run cold. All under the lock: a lane that is not on
    // the list any more is not waited for when the pool is disposed, so it must be done with the queue by then.
    private void Left(WarmLane lane)
    {
        lock (change)
        {
            lanes.RemoveAll(one => one.Lane == lane);
            escaped ??= lane.Escaped;
            broken |= escaped is not null;
            broken |= lanes.Count == 0 && lane.Failure is not null && !stop.IsCancellationRequested;
            Failure ??= broken ? lane.Failure : null;
            Rescue();
        }
    }

    private void Rescue()
    {
        lock (change)
        {
            while ((broken || stop.IsCancellationRequested) && queue.TryTake(out var request))
            {
                request.GiveBack();
            }
        }
    }

    private sealed class OnlyWarm(WarmPool pool) : ISandbox
    {
        public SnippetLanguage Language => pool.Language;

        public SandboxIdentity Identity => pool.Identity;

        public async Task<SandboxOutcome> RunAsync(SandboxJob job, CancellationToken cancellationToken)
        {
            pool.Warm();
            return await pool.WarmAsync(job, pool.time.GetTimestamp(), cancellationToken).ConfigureAwait(false)
                ?? (pool.escaped is { } canary ? SandboxOutcome.Unsafe(job, canary) : throw new IOException(pool.Failure ?? "no warm process could be started"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

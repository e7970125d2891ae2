using System.Collections.Concurrent;
using System.ComponentModel;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>
/// A thread with a zygote of its own. It runs one job at a time, so that the threads of one program never count against another's; children that
/// wait for the next jobs are made while nothing else is to be done.
/// </summary>
internal sealed class WarmLane(Func<Zygote> start, BlockingCollection<WarmRequest> queue, TimeProvider time, TimeSpan? idleLimit, int jobsPerZygote, CancellationToken stop)
{
    /// <summary>Children that wait.</summary>
    public const int Spares = 2;

    private const int FailuresInARow = 3;

    private readonly Queue<ZygoteChild> spares = new();
    private Zygote? zygote;
    private int jobs;
    private int failures;

    /// <summary>Whether its zygote is warm.</summary>
    public bool IsWarm { get; private set; }

    /// <summary>Why the last start of a zygote failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>The canary that got out of a zygote's child.</summary>
    public string? Escaped { get; private set; }

    /// <summary>Zygotes that were started, the first included.</summary>
    public int Started { get; private set; }

    /// <summary>Its sandboxed processes that wait: the zygote and its children.</summary>
    public int Kept { get; private set; }

    /// <summary>Works until the pool stops, until nothing came for the idle limit, or until no zygote starts.</summary>
    public void Work()
    {
        try
        {
            while (Prepare())
            {
                if (!queue.TryTake(out var request, (int)(idleLimit?.TotalMilliseconds ?? Timeout.Infinite), stop))
                {
                    return;
                }

                Serve(request);
            }
        }
        catch (OperationCanceledException)
        {
            // The pool stops.
        }
        finally
        {
            Recycle();
        }
    }

    private bool Prepare()
    {
        zygote?.Settle();
        if (zygote is { Anomaly: true } || jobs >= jobsPerZygote)
        {
            Recycle();
        }

        while (failures < FailuresInARow && Escaped is null && !stop.IsCancellationRequested)
        {
            try
            {
                if (zygote is null)
                {
                    StartZygote();
                }

                while (spares.Count < Spares)
                {
                    spares.Enqueue(zygote!.Fork());
                }

                IsWarm = true;
                Kept = 1 + spares.Count;
                return true;
            }
            catch (Exception exception) when (exception is IOException or Win32Exception)
            {
                failures++;
                Failure = exception.Message;
                Recycle();
            }
        }

        return false;
    }

    // A new zygote proves itself before it is given anything.
    private void StartZygote()
    {
        Started++;
        zygote = start();
        using var child = zygote.Fork();
        using var cancel = Descriptor.Event();
        child.HadJob = true;
        var gate = new CanaryGate();
        var outcome = SandboxRun.Execute(child, CanaryJob.For(SnippetLanguage.Python), time.GetTimestamp(), cancel, time);
        gate.Judge(outcome);
        Escaped = gate.Escaped;
        if (gate.IsDemanded)
        {
            throw new IOException($"the first child of the warm interpreter did not work: {outcome.Stderr.Text().Trim()}");
        }
    }

    private void Serve(WarmRequest request)
    {
        if (request.IsCancelled)
        {
            request.GiveBack();
            return;
        }

        try
        {
            using var child = spares.Dequeue();
            child.HadJob = true;
            var outcome = SandboxRun.Execute(child, request.Job, request.Begin, request.Cancel, time);
            jobs++;

            if (SaysNothing(outcome))
            {
                failures += outcome.Report.Ready ? 0 : 1;
                Failure = outcome.Stderr.Text();
                jobs = jobsPerZygote;
                request.GiveBack();
                return;
            }

            failures = 0;
            request.Complete(outcome);
        }
        catch (Exception exception)
        {
            jobs = jobsPerZygote;
            request.Fail(exception);
        }
    }

    // A child that did not get to its job, or went with its zygote, says nothing about the job: the caller has it run elsewhere. A sandboxed program has
    // changed nothing that could be changed twice.
    private bool SaysNothing(SandboxOutcome outcome) => outcome switch
    {
        { End: SandboxEnd.Cancelled } => false,
        { Report.Ready: false } => true,
        { End: SandboxEnd.Finished, Report: { Started: false, Records: [] } } => true,
        { End: SandboxEnd.Finished, Report.Ended: false } => zygote!.Anomaly,
        _ => false,
    };

    private void Recycle()
    {
        IsWarm = false;
        Kept = 0;
        jobs = 0;
        while (spares.TryDequeue(out var spare))
        {
            spare.Dispose();
        }

        zygote?.Dispose();
        zygote = null;
    }
}

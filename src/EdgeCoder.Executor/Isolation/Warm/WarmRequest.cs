using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>A job on its way through a pool.</summary>
internal sealed class WarmRequest(SandboxJob job, long begin) : IDisposable
{
    private readonly TaskCompletionSource<SandboxOutcome?> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The job.</summary>
    public SandboxJob Job => job;

    /// <summary>When it came.</summary>
    public long Begin => begin;

    /// <summary>Signalled when the caller cancels.</summary>
    public Descriptor Cancel { get; } = Descriptor.Event();

    /// <summary>What came of it; null when no warm process could be had for it, and nothing of it has run.</summary>
    public Task<SandboxOutcome?> Outcome => outcome.Task;

    /// <summary>Whether the caller has cancelled.</summary>
    public bool IsCancelled => PollEntry.IsReadable(Cancel);

    /// <summary>It has run.</summary>
    public void Complete(SandboxOutcome result) => outcome.TrySetResult(result);

    /// <summary>It has not run and will not here.</summary>
    public void GiveBack() => outcome.TrySetResult(null);

    /// <summary>The machine failed.</summary>
    public void Fail(Exception exception) => outcome.TrySetException(exception);

    /// <inheritdoc/>
    public void Dispose() => Cancel.Dispose();
}

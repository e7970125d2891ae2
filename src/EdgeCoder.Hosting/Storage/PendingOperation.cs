namespace EdgeCoder.Hosting.Storage;

/// <summary>An operation that waits for its transaction, and what became of it.</summary>
internal abstract class PendingOperation
{
    /// <summary>What it threw in its last run; null when it succeeded.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Whether its caller stopped waiting before it ran.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Runs it; the result waits for <see cref="Complete"/>.</summary>
    public abstract void Run(IStoreBatch batch);

    /// <summary>Gives the caller its result or fault. Only after the commit.</summary>
    public abstract void Complete();
}

/// <inheritdoc/>
internal sealed class PendingOperation<T> : PendingOperation
{
    // Without this option the caller would go on on the writer's thread, and every other caller would wait for it.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<IStoreBatch, T> _operation;
    private readonly CancellationTokenRegistration _cancellation;
    private T _result = default!;

    public PendingOperation(Func<IStoreBatch, T> operation, CancellationToken cancellationToken)
    {
        _operation = operation;
        _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((PendingOperation<T>)state!)._completion.TrySetCanceled(token), this);
    }

    public Task<T> Result => _completion.Task;

    public override bool IsAbandoned => _completion.Task.IsCompleted;

    public override void Run(IStoreBatch batch) => _result = _operation(batch);

    public override void Complete()
    {
        _cancellation.Unregister();
        if (Fault is null)
        {
            _completion.TrySetResult(_result);
        }
        else
        {
            _completion.TrySetException(Fault);
        }
    }
}

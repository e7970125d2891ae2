using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.TestKit.Clocks;

/// <summary>A clock of the test's own that tells when somebody begins to wait on it: time that is advanced before that passes unseen.</summary>
public sealed class AwaitedTime() : FakeTimeProvider(System.GetUtcNow())
{
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _begun = new();

    /// <summary>Ends when somebody has begun to wait for just this long.</summary>
    /// <param name="wait">The time that is waited for.</param>
    /// <param name="cancellationToken">The test's.</param>
    public Task BegunAsync(TimeSpan wait, CancellationToken cancellationToken) => Begun(wait).Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Begun(dueTime).TrySetResult();
        return timer;
    }

    private TaskCompletionSource Begun(TimeSpan wait) => _begun.GetOrAdd(wait, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

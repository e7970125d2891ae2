using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.IdeProvider.Tests.Swarm;

/// <summary>A clock that tells when somebody begins to wait on it: time that is advanced before that passes unseen.</summary>
internal sealed class AwaitedTime() : FakeTimeProvider(System.GetUtcNow())
{
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _begun = new();

    /// <summary>Ends when somebody has begun to wait for just this long.</summary>
    public Task BegunAsync(TimeSpan wait) => Begun(wait).Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Begun(dueTime).TrySetResult();
        return timer;
    }

    private TaskCompletionSource Begun(TimeSpan wait) => _begun.GetOrAdd(wait, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

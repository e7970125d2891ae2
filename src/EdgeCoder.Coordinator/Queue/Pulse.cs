namespace EdgeCoder.Coordinator.Queue;

/// <summary>Something may have happened: everyone who waits looks again. Never lost when <see cref="Next"/> is taken before looking.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the next pulse.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes all who wait.</summary>
    public void Beat() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Waits for a pulse taken before, at most for a time.</summary>
    public static async Task WaitAsync(Task next, TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(most, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time to look without having been told: claims lapse and other silos write too.
        }
    }
}

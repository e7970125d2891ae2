namespace EdgeCoder.Agent.Calls;

/// <summary>Waits that end after a cancellation even when the other side ignores it.</summary>
internal static class Graceful
{
    /// <summary>
    /// Waits for <paramref name="task"/>. After a cancellation it has <paramref name="grace"/> to end by itself (a sandbox kills its process tree),
    /// then the wait throws <see cref="OperationCanceledException"/> and the task's later fault is observed and dropped.
    /// </summary>
    public static async Task<T> WithGraceAsync<T>(this Task<T> task, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        if (task.IsCompleted)
        {
            return await task.ConfigureAwait(false);
        }

        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(grace, time, CancellationToken.None)).ConfigureAwait(false);
            _ = task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }
}

using EdgeCoder.Agent.Coordinators;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// Brings what waits in the outbox home: blobs first, then the report, each report with its own back-off, so that one that nobody takes holds up no other
/// (coordinator-and-mesh 10, M6).
/// </summary>
/// <param name="outbox">What waits.</param>
/// <param name="home">The client for a report's home.</param>
/// <param name="backOff">Waits after failures.</param>
/// <param name="time">The clock.</param>
public sealed class ResultDelivery(ResultOutbox outbox, Func<StoredResult, ICoordinator> home, BackOff backOff, TimeProvider time)
{
    private const int MostAtOnce = 8;

    private readonly Dictionary<string, (int Failures, long NextAt)> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();

    /// <summary>Called when a report is answered for good.</summary>
    public Action<FiledResult> Answered { get; init; } = static _ => { };

    /// <summary>Called when a report could not be brought home yet; with the fault and the wait.</summary>
    public Action<StoredResult, CoordinatorFault, TimeSpan> Delayed { get; init; } = static (_, _, _) => { };

    /// <summary>Delivers until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var wake = new SemaphoreSlim(0);
        void Wake() => wake.Release();
        outbox.Stored += Wake;
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.RemoveAll(task => task.IsCompleted);
                running.AddRange(Due(MostAtOnce - running.Count).Select(result => DeliverAsync(result, Wake, cancellationToken)));
                await WaitAsync(wake, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        finally
        {
            outbox.Stored -= Wake;
        }
    }

    /// <summary>Tries everything that waits once, whatever its back-off: for the end of a drain.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        List<StoredResult> all;
        lock (_turn)
        {
            all = [.. outbox.Waiting.Where(result => _running.Add(result.LeaseId))];
        }

        return Task.WhenAll(all.Select(result => DeliverAsync(result, static () => { }, cancellationToken)));
    }

    private List<StoredResult> Due(int most)
    {
        lock (_turn)
        {
            var now = time.GetTimestamp();
            List<StoredResult> due =
            [
                .. outbox.Waiting.Where(result => !_running.Contains(result.LeaseId) && (!_failed.TryGetValue(result.LeaseId, out var failed) || failed.NextAt <= now)).Take(Math.Max(0, most)),
            ];
            _running.UnionWith(due.Select(result => result.LeaseId));
            return due;
        }
    }

    private async Task WaitAsync(SemaphoreSlim wake, CancellationToken cancellationToken)
    {
        long? next;
        lock (_turn)
        {
            next = _failed.Values.Select(failed => (long?)failed.NextAt).Min();
        }

        var wait = next is { } at ? TimeSpan.FromSeconds(Math.Max(0.01, (at - time.GetTimestamp()) / (double)time.TimestampFrequency)) : Timeout.InfiniteTimeSpan;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var woken = wake.WaitAsync(stop.Token);
        await Task.WhenAny(woken, Task.Delay(wait, time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task DeliverAsync(StoredResult result, Action wake, CancellationToken cancellationToken)
    {
        try
        {
            await PostAsync(result, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It stays in the outbox.
        }
        finally
        {
            lock (_turn)
            {
                _running.Remove(result.LeaseId);
            }

            wake();
        }
    }

    private async Task PostAsync(StoredResult result, CancellationToken cancellationToken)
    {
        try
        {
            var coordinator = home(result);
            foreach (var digest in result.Blobs)
            {
                await PutAsync(coordinator, digest, cancellationToken).ConfigureAwait(false);
            }

            await coordinator.PostResultAsync(result.Report, cancellationToken).ConfigureAwait(false);
            End(result, null, null);
        }
        catch (CoordinatorFault fault) when (fault.IsFinal)
        {
            End(result, fault.FullCode, fault.Message);
        }
        catch (CoordinatorFault fault)
        {
            TimeSpan wait;
            lock (_turn)
            {
                var failures = _failed.GetValueOrDefault(result.LeaseId).Failures + 1;
                wait = backOff.After(failures);
                if (fault.RetryAfter is { } asked && asked > wait)
                {
                    wait = asked;
                }

                _failed[result.LeaseId] = (failures, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency));
            }

            Delayed(result, fault, wait);
        }
    }

    // Who may not bring a blob any more holds no lease either: the answer to the report itself tells why.
    private async Task PutAsync(ICoordinator coordinator, string digest, CancellationToken cancellationToken)
    {
        try
        {
            await coordinator.PutBlobAsync(digest, () => outbox.OpenBlob(digest), cancellationToken).ConfigureAwait(false);
        }
        catch (CoordinatorFault fault) when (fault.IsFinal)
        {
        }
        catch (FileNotFoundException)
        {
            // Lost with the disk: the coordinator refuses the report by its own rules.
        }
    }

    private void End(StoredResult result, string? refusal, string? detail)
    {
        outbox.Close(result, refusal, detail);
        lock (_turn)
        {
            _failed.Remove(result.LeaseId);
        }

        Answered(outbox.Filed(result.LeaseId)!);
    }
}

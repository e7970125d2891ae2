using EdgeCoder.Agent.Coordinators;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// A worker: finds its coordinator, registers, and runs leases in its slots until it is told to stop (coordinator-and-mesh 3, 4.4, 4.5, 10).
/// Results of earlier runs go home first and all the time; moving to another coordinator loses none.
/// </summary>
/// <param name="parts">What it is made of.</param>
public sealed class WorkerRuntime(WorkerParts parts)
{
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a worker that was told to stop tries to deliver what is signed.</summary>
    internal static readonly TimeSpan ShortFlushTime = TimeSpan.FromMilliseconds(750);

    private readonly Teller _tell = new(parts.Tell, parts.Time);
    private readonly HeldLeases _held = new();

    /// <summary>
    /// Works. Throws <see cref="WorkerException"/> when it cannot go on without a person, and nothing else.
    /// </summary>
    /// <param name="drain">No new leases: what runs comes to its end, then this returns.</param>
    /// <param name="stop">What runs is given back at once.</param>
    public async Task RunAsync(CancellationToken drain, CancellationToken stop)
    {
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(drain, stop);
        using var connections = new Connections(parts.Connect);
        using var deliveryEnd = new CancellationTokenSource();
        var delivery = new ResultDelivery(parts.Outbox, result => connections.Home(result, parts.Keys.Signing, parts.State.Memory.NetworkMode ?? ""), parts.BackOff, parts.Time) { Answered = TellAnswer, Delayed = TellDelay };
        var delivering = delivery.RunAsync(deliveryEnd.Token);
        try
        {
            await ServeAsync(connections, draining.Token, stop).ConfigureAwait(false);
        }
        finally
        {
            await _held.EmptyAsync(CancellationToken.None).ConfigureAwait(false);
            await deliveryEnd.CancelAsync().ConfigureAwait(false);
            await delivering.ConfigureAwait(false);
            await FlushAsync(delivery, stop.IsCancellationRequested ? ShortFlushTime : FlushTime).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(Connections connections, CancellationToken drain, CancellationToken stop)
    {
        var failures = 0;
        while (!drain.IsCancellationRequested)
        {
            try
            {
                var found = await parts.FindAsync(parts.State.Pins, parts.State.Memory.PeerUrl, drain).ConfigureAwait(false);
                _tell.Tell(WorkerEventTypes.Coordinator, $"Coordinator {found.PeerId} at {found.Url}.");
                var link = new WorkerLink(parts, _held, _tell, connections, found, stop);
                if (await link.RegisterAsync(drain).ConfigureAwait(false))
                {
                    failures = 0;
                    await link.RunAsync(drain).ConfigureAwait(false);
                    continue;
                }
            }
            catch (NoCoordinatorException fault)
            {
                _tell.Waiting("no_coordinator", fault.Message);
            }
            catch (OperationCanceledException) when (drain.IsCancellationRequested)
            {
                break;
            }

            await PauseAsync(parts.BackOff.After(++failures), drain).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(time, parts.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller sees it.
        }
    }

    private async Task FlushAsync(ResultDelivery delivery, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit, parts.Time);
        await delivery.FlushAsync(deadline.Token).ConfigureAwait(false);
        if (parts.Outbox.Waiting.Count is > 0 and var left)
        {
            _tell.Tell(WorkerEventTypes.Notice, left == 1 ? "One signed result waits for its coordinator; the next start sends it." : $"{left} signed results wait for their coordinator; the next start sends them.");
        }
    }

    private void TellAnswer(FiledResult filed)
    {
        var message = filed.Refusal is null ? $"Result of {filed.SubtaskId} delivered." : $"Result of {filed.SubtaskId} refused for good: {filed.Refusal}. {filed.Detail}";
        _tell.Tell(WorkerEventTypes.Result, message, filed.Refusal, filed.LeaseId, filed.SubtaskId);
    }

    private void TellDelay(StoredResult result, CoordinatorFault fault, TimeSpan wait) =>
        _tell.Tell(WorkerEventTypes.Result, $"Result of {result.SubtaskId} waits: {fault.Message} Next try in {wait.TotalSeconds:0} s.", fault.FullCode, result.LeaseId, result.SubtaskId);
}

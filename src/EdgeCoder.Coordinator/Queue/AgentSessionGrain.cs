using EdgeCoder.Coordinator.Agents;
using Orleans;
using Orleans.Concurrency;

namespace EdgeCoder.Coordinator.Queue;

/// <inheritdoc cref="IAgentSessionGrain"/>
[Reentrant]
internal sealed class AgentSessionGrain(QueueOptions options, IGrainFactory grains, QueueClock time) : Grain, IAgentSessionGrain
{
    private TaskCompletionSource<ParkEnd>? _parked;
    private long _pullId;

    /// <inheritdoc/>
    public async Task<ParkEnd> WaitAsync(AgentFacts agent, int waitMs)
    {
        // 1. The newer pull releases the older.
        _parked?.TrySetResult(ParkEnd.Superseded);
        var parked = new TaskCompletionSource<ParkEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        _parked = parked;
        var pullId = ++_pullId;

        // 2. Every partition knows it, or has work at once.
        for (var i = 0; i < options.Partitions && !parked.Task.IsCompleted; i++)
        {
            if (await grains.GetGrain<IQueuePartitionGrain>(i).ParkAsync(agent, pullId))
            {
                parked.TrySetResult(ParkEnd.Work);
            }
        }

        // 3. Until it is woken or time is up.
        try
        {
            return await parked.Task.WaitAsync(TimeSpan.FromMilliseconds(waitMs), time);
        }
        catch (TimeoutException)
        {
            parked.TrySetResult(ParkEnd.TimedOut);
            return await parked.Task;
        }
        finally
        {
            if (ReferenceEquals(_parked, parked))
            {
                _parked = null;
            }

            for (var i = 0; i < options.Partitions; i++)
            {
                _ = grains.GetGrain<IQueuePartitionGrain>(i).UnparkAsync(agent.AgentId, pullId);
            }
        }
    }

    /// <inheritdoc/>
    public Task<bool> WakeAsync(long pullId) => Task.FromResult(pullId == _pullId && _parked?.TrySetResult(ParkEnd.Work) is true);

    /// <inheritdoc/>
    public Task EndAsync(ParkEnd end)
    {
        _parked?.TrySetResult(end);
        return Task.CompletedTask;
    }
}

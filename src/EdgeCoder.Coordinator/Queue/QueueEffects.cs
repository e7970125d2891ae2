using EdgeCoder.Coordinator.Silo;
using Microsoft.Extensions.Logging;
using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// Tells indexes and waiters what was committed. Should it fail, because the silo of a partition has just died, rows still say everything and the sweep finds
/// it: the caller whose change is durable gets its answer all the same.
/// </summary>
internal sealed partial class QueueEffects(IGrainFactory grains, QueueSignals signals, QueueSurroundings surroundings, ILogger<QueueEffects> logger)
{
    /// <summary>Tells all.</summary>
    public async Task ApplyAsync(QueueChanges changes)
    {
        signals.Tell(changes);
        foreach (var agentId in changes.Suspects)
        {
            surroundings.Suspected(agentId);
        }

        foreach (var (partition, change) in changes.Partitions)
        {
            await TellAsync(grains.GetGrain<IQueuePartitionGrain>(partition), grain => grain.ApplyAsync(change));
        }
    }

    /// <summary>Tells a partition something that is durable already.</summary>
    public async Task TellAsync(IQueuePartitionGrain partition, Func<IQueuePartitionGrain, Task> tell)
    {
        try
        {
            await tell(partition);
        }
        catch (Exception fault) when (SiloFaults.IsUnavailable(fault))
        {
            LogNotTold(partition.GetPrimaryKeyLong(), fault.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Partition {Partition} of the queue was not told of a change ({Fault}); its next look at the rows finds it.")]
    private partial void LogNotTold(long partition, string fault);
}

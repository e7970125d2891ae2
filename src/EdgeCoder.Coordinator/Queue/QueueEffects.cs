using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Tells indexes and waiters what was committed. Should it fail, rows still say everything and the sweep finds it.</summary>
internal sealed class QueueEffects(IGrainFactory grains, QueueSignals signals)
{
    /// <summary>Tells all.</summary>
    public async Task ApplyAsync(QueueChanges changes)
    {
        signals.Tell(changes);
        foreach (var (partition, change) in changes.Partitions)
        {
            await grains.GetGrain<IQueuePartitionGrain>(partition).ApplyAsync(change);
        }
    }
}

using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Queue;

internal sealed partial class QueuePartitionGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Queue partition {Partition} loaded: {Waiting} subtasks wait, {Leases} leases are live.")]
    private partial void Loaded(int partition, int waiting, int leases);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of queue partition {Partition} failed; the next one tries again.")]
    private partial void SweepFailed(Exception fault, int partition);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Keeps every partition awake on some silo, so that leases expire and deadlines pass whether or not anyone calls.</summary>
internal sealed partial class QueueKeeper(IGrainFactory grains, QueueOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<QueueKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken);
        while (true)
        {
            for (var i = 0; i < options.Partitions; i++)
            {
                try
                {
                    await grains.GetGrain<IQueuePartitionGrain>(i).MatchAsync();
                }
                catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    Asleep(fault, i);
                }
            }

            await Task.Delay(Often, time, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue partition {Partition} did not answer; it is called again in some seconds.")]
    private partial void Asleep(Exception fault, int partition);
}

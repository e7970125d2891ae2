using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Rechecks;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Signatures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>Registration of the queue.</summary>
internal static class QueueServices
{
    /// <summary>
    /// Adds <see cref="ITaskQueue"/> with everything behind it. The store, the silo, blobs, <see cref="Standing.AgentStanding"/> and
    /// <see cref="QueueSurroundings"/> must be added too.
    /// </summary>
    public static IServiceCollection AddQueue(this IServiceCollection services, QueueOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new QueueClock(provider.GetRequiredService<TimeProvider>()));
        return services
            .AddSingleton(options)
            .AddSingleton<QueueSignals>()
            .AddSingleton<QueueEffects>()
            .AddSingleton<LeaseSecrets>()
            .AddSingleton<OrderReader>()
            .AddSingleton<HeldWorkMemory>()
            .AddSingleton<ResultIntake>()
            .AddSingleton<VerdictEffects>()
            .AddSingleton<AuditEffects>()
            .AddSingleton<RecheckVerdicts>()
            .AddSingleton<VerdictReading>()
            .AddSingleton<TaskInputs>()
            .AddSingleton<TaskViews>()
            .AddSingleton<TaskEventStream>()
            .AddSingleton<TaskFeed>()
            .AddSingleton<OutputCheck>()
            .AddSingleton<Explanations.Explanation>()
            .AddSingleton<ILiveLeases, AgentLeases>()
            .AddSingleton<ITaskQueue, TaskQueue>()
            .AddHostedService<QueueKeeper>();
    }
}

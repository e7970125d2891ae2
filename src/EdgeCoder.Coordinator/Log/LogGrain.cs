using Orleans;

namespace EdgeCoder.Coordinator.Log;

/// <summary>The one log of this coordinator, number 0: it is on one silo, and that silo appends for all.</summary>
internal interface ILogGrain : IGrainWithIntegerKey
{
    /// <summary>There may be events that wait.</summary>
    Task WakeAsync();
}

/// <summary>Passes it on: the work itself is not done in a grain's turn.</summary>
internal sealed class LogGrain(LogKeeper keeper) : Grain, ILogGrain
{
    /// <inheritdoc/>
    public Task WakeAsync()
    {
        keeper.Wake();
        return Task.CompletedTask;
    }
}

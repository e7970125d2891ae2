using Orleans;

namespace EdgeCoder.Coordinator.Tests.SiloHost;

/// <summary>A grain that tells where it is.</summary>
public interface IPlaceGrain : IGrainWithIntegerKey
{
    /// <summary>Address of its silo.</summary>
    ValueTask<string> WhereAsync();
}

/// <inheritdoc/>
[Orleans.Placement.RandomPlacement]
internal sealed class PlaceGrain(Orleans.Runtime.ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    public ValueTask<string> WhereAsync() => ValueTask.FromResult(silo.SiloAddress.ToParsableString());
}

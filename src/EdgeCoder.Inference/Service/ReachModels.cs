using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// The models of this service, one graph a reach (agent-executor-models 0): what serves work of this machine was built without any client that could leave
/// it, so no flag and no fault can lead there.
/// </summary>
/// <param name="thisMachine">Models of this machine.</param>
/// <param name="team">Those, and the models that the operator labelled as the team's.</param>
internal sealed class ReachModels(WarmModel thisMachine, WarmModel team) : IAsyncDisposable
{
    /// <summary>Models of this machine only.</summary>
    public WarmModel ThisMachine => thisMachine;

    /// <summary>All models of the team.</summary>
    public WarmModel Team => team;

    /// <summary>The models of a reach.</summary>
    public WarmModel Of(RequestedReach reach) => reach == RequestedReach.Team ? team : thisMachine;

    /// <summary>See <see cref="WarmModel.ReleaseAsync"/>.</summary>
    public async ValueTask ReleaseAsync()
    {
        await thisMachine.ReleaseAsync().ConfigureAwait(false);
        await team.ReleaseAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await thisMachine.DisposeAsync().ConfigureAwait(false);
        await team.DisposeAsync().ConfigureAwait(false);
    }
}
